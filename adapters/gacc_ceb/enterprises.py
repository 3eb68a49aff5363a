# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The codes of enterprises: a customs registration of ten characters, or a unified social credit code.

Only a code of eighteen characters can be checked, by its check character (GB 32100-2015). Other lengths,
"NO" and "无" are taken as they are: foreign platforms and unregistered producers have no code of these kinds.
"""

from collections.abc import Iterator
from operator import attrgetter

from adapters.gacc_ceb.message_type import MessageType
from gateway.sdk import Finding, Item, finding, uscc

_LENGTH = 18
_SCHEME = "ceb"
_FIELDS = {
    "platform": "ebpCode",
    "declarant": "agentCode",
    "carrier": "logisticsCode",
    "sender": "ebcCode",
    "seller": "ebcCode",
    "producer": "ownerCode",
    "zone_enterprise": "iacCode",
    "site_operator": "operatorCode",
    "payment_firm": "payCode",
}
_roles = attrgetter(*_FIELDS)


def check(message: MessageType, item: Item, position: str) -> list[Finding]:
    """Check the code of every enterprise that a document names."""
    found: list[Finding] = []
    for party, field in zip(_roles(item), _FIELDS.values(), strict=True):
        if party is None or party.identifier is None or len(party.identifier) != _LENGTH:
            continue
        if party.identifier_scheme == _SCHEME:
            found += check_code(party.identifier, message.prefix + field, position)
    representative = item.filing.representative if item.filing else None
    if representative is not None:
        found += check_code(representative.identifier or "", f"{message.prefix}declAgentCode", position)
    return found


def check_code(code: str, path: str, position: str) -> Iterator[Finding]:
    """Check one code."""
    if len(code) == _LENGTH and not uscc.is_valid(code):
        yield finding(
            "CEB-ENTERPRISE-CODE",
            path=path,
            position=position,
            expected="a unified social credit code with its check character (GB 32100-2015)",
            actual=code,
        )
