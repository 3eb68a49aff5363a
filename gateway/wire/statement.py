# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The names, versions and times of signed statements, as all parties of the contract have them."""

from datetime import timedelta

STATEMENT_VERSION = 1
TREE_VERSION = 1
BATCH_TYPE = "application/vnd.customs-ead.batch.v1+protobuf"
RECEIPT_TYPE = "application/vnd.customs-ead.receipt.v1+protobuf"
ERASURE_TYPE = "application/vnd.customs-ead.erasure.v1+protobuf"
ERASURE_CONFIRMATION_TYPE = "application/vnd.customs-ead.erasure-confirmation.v1+protobuf"
QUERY_TYPE = "application/vnd.customs-ead.query.v1+protobuf"
QUERY_ANSWER_TYPE = "application/vnd.customs-ead.query-answer.v1+protobuf"
KEY_ANNOUNCEMENT_TYPE = "application/vnd.customs-ead.key-announcement.v1+protobuf"
KEY_CONFIRMATION_TYPE = "application/vnd.customs-ead.key-confirmation.v1+protobuf"
WEBHOOK_RECEIPT_TYPE = "application/vnd.customs-ead.webhook-receipt.v1+protobuf"
WEBHOOK_DELIVERY_RECEIPT_TYPE = "application/vnd.customs-ead.webhook-delivery-receipt.v1+protobuf"
# How far the time in a statement may lie ahead of the recipient's clock, and how old it may be on arrival.
FUTURE = timedelta(minutes=5)
PAST = timedelta(days=31)
