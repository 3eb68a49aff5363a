# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What customs push unasked: summary results and tax bills. Their fields are publicly known, not verified."""

from adapters.gacc_ceb.message_type import IMPORT_SIBLINGS, NO_RECEIPT, MessageType
from gateway.sdk import ContributionKind

PUSHED = (
    MessageType(
        name="CEB792",
        document="SummaryResult",
        head="SummaryResultHead",
        lines="SummaryResultList",
        receipt=NO_RECEIPT,
        named=("customsCode", "preNo", "guid"),
        loose=frozenset({"SummaryResultHead", "SummaryResultList"}),
        per_line=True,
        carried=("copNo", "preNo", "returnStatus", "returnTime", "returnInfo"),
        pushed=True,
    ),
    MessageType(
        name="CEB816",
        document="Tax",
        head="TaxHeadRd",
        lines="TaxListRd",
        receipt=NO_RECEIPT,
        named=("customsCode", "taxNo", ""),
        kind=ContributionKind.ASSESSMENT,
        loose=frozenset({"TaxHeadRd", "TaxListRd"}),
        siblings=IMPORT_SIBLINGS,
        carried=("entDutyNo",),
        pushed=True,
    ),
    MessageType(
        name="CEB818",
        document="Tax",
        head="TaxHeadRd",
        lines="",
        receipt=NO_RECEIPT,
        named=("customsCode", "taxNo", ""),
        kind=ContributionKind.EVENT,
        loose=frozenset({"TaxHeadRd"}),
        siblings=IMPORT_SIBLINGS,
        carried=("taxNo", "entDutyNo"),
        pushed=True,
    ),
)
