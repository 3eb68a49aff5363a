# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The register of enterprises, version by version."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, exists, insert, literal_column, select

from gateway.exchange.enterprise_rows import EnterpriseRow
from gateway.store.enterprise_schema import enterprise
from gateway.store.session import Session, Values
from gateway.store.statement import Statement

_ADD = Statement(lambda _: insert(enterprise))
_VERSIONS = Statement(
    lambda _: select(enterprise).where(enterprise.c.uscc == bindparam("uscc")).order_by(enterprise.c.version)
)
_WITH_CODE = Statement(
    lambda _: (
        select(enterprise.c.uscc)
        .where(enterprise.c.customs_code == bindparam("code"))
        .distinct()
        .order_by(enterprise.c.uscc)
    )
)
_NEWEST = Statement(
    lambda _: (
        select(enterprise.c.revision, enterprise.c.id)
        .where(enterprise.c.revision > literal_column("0"))
        .order_by(enterprise.c.revision.desc())
        .limit(1)
    )
)
_SINCE = Statement(
    lambda _: (
        select(enterprise)
        .where(enterprise.c.revision >= bindparam("revision"))
        .order_by(enterprise.c.revision)
    )
)
_later = enterprise.alias("later")
_AFTER = Statement(
    lambda _: (
        select(enterprise)
        .where(
            enterprise.c.uscc > bindparam("uscc"),
            ~exists(
                select(literal_column("1")).where(
                    _later.c.uscc == enterprise.c.uscc, _later.c.version > enterprise.c.version
                )
            ),
        )
        .order_by(enterprise.c.uscc)
        .limit(bindparam("limit"))
    )
)


class EnterpriseTables(Session):
    """The part of a transaction about the register of enterprises."""

    def add_enterprises(self, rows: Sequence[EnterpriseRow]) -> None:
        """Insert versions."""
        self._change_many(_ADD, [msgspec.structs.astuple(row) for row in rows])

    def enterprise_versions(self, uscc: str) -> list[EnterpriseRow]:
        """Return every version of an enterprise, oldest first."""
        return [_row(one) for one in self._rows(_VERSIONS, uscc=uscc)]

    def enterprises_with_code(self, customs_code: str) -> list[str]:
        """Return the USCCs of the enterprises of which a version has a customs code."""
        return [one[0] for one in self._rows(_WITH_CODE, code=customs_code)]

    def enterprise_revision(self) -> tuple[int, int]:
        """Return number and id of the version that was made last; zeros if there is none."""
        found = self._row(_NEWEST)
        return (0, 0) if found is None else (found[0], found[1])

    def enterprises_since(self, revision: int) -> list[EnterpriseRow]:
        """Return the versions from a revision on, in the order in which they were made."""
        return [_row(one) for one in self._rows(_SINCE, revision=revision)]

    def enterprises_after(self, uscc: str, limit: int) -> list[EnterpriseRow]:
        """Return the newest version of each enterprise above a USCC, in order of USCC."""
        return [_row(one) for one in self._rows(_AFTER, uscc=uscc, limit=limit)]


def _row(values: Values) -> EnterpriseRow:
    """Return a version."""
    return EnterpriseRow(**dict(zip(EnterpriseRow.__struct_fields__, values, strict=True)))
