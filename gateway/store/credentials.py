# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys and what else is shown to be let in."""

import msgspec
from sqlalchemy import bindparam, insert, literal_column, select, update

from gateway.exchange.access_rows import CredentialRow
from gateway.store.credential_schema import credential
from gateway.store.session import Session, Values
from gateway.store.statement import Statement

_ADD = Statement(lambda _: insert(credential))
_ONE = Statement(lambda _: select(credential).where(credential.c.id == bindparam("number")))
_PAGE = Statement(
    lambda _: (
        select(credential)
        .where(credential.c.kind == bindparam("of_kind"), credential.c.id > bindparam("after"))
        .order_by(credential.c.id)
        .limit(bindparam("limit"))
    )
)
_USE = Statement(
    lambda _: (
        update(credential).where(credential.c.id == bindparam("number")).values(used_at=bindparam("now"))
    )
)
_END = Statement(
    lambda _: (
        update(credential)
        .where(credential.c.id == bindparam("number"), credential.c.ended_at == literal_column("0"))
        .values(ended_at=bindparam("now"))
    )
)


class CredentialTables(Session):
    """The part of a transaction about what lets somebody in."""

    def add_credential(self, row: CredentialRow) -> None:
        """Insert a credential."""
        self._change_many(_ADD, [msgspec.structs.astuple(row)])

    def credential(self, number: int) -> CredentialRow | None:
        """Return a credential."""
        found = self._row(_ONE, number=number)
        return None if found is None else _row(found)

    def credentials(self, kind: str, after: int, limit: int) -> list[CredentialRow]:
        """Return credentials of a kind with an id above `after`, in id order."""
        return [_row(one) for one in self._rows(_PAGE, of_kind=kind, after=after, limit=limit)]

    def use_credential(self, number: int, now: int) -> None:
        """Remember when a credential was last used."""
        self._change(_USE, number=number, now=now)

    def end_credential(self, number: int, now: int) -> bool:
        """End a credential; say whether it had not ended. Of two at one time one is told so."""
        return self._change(_END, number=number, now=now) == 1


def _row(values: Values) -> CredentialRow:
    """Return a credential."""
    return CredentialRow(**dict(zip(CredentialRow.__struct_fields__, values, strict=True)))
