# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Signed statements: seal and unseal, keys, certificates, revocation and trust.

Blind to what a statement says: no record, no protobuf and no wire is known here. Import the modules:

    from gateway.envelope import dsse, keys, policy
    from gateway.envelope.identity import KeySet
    from gateway.envelope.seal import seal, unseal
    from gateway.envelope.trust import Keyring

Standards: DSSE v1, RFC 5280, RFC 6979, RFC 8032, FIPS 186-5, FIPS 204.
"""
