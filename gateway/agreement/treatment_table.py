# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The treatment of every field under an agreement, written out, so that a statement can bind it.

An agreement names groups and leaves the rest out; the table names the leaves of the groups, and in its last
row `*` that everything else is omitted. So it does not change when the model of one side grows. Its canonical
bytes are those of `audit.withheld`, without commitments: the record has them.
"""

import functools

from gateway.agreement.agreement import Agreement, Treatment, TreatmentKind
from gateway.audit import withheld
from gateway.audit.withheld import FieldTreatment
from gateway.errors import VerificationError
from gateway.finding import finding

EVERYTHING_ELSE = "*"
_UNNAMED = Treatment(TreatmentKind.OMIT, "")


@functools.lru_cache(maxsize=1024)
def treatment_table(agreement: Agreement) -> bytes:
    """Return the canonical bytes of the treatment of every leaf."""
    named = [_row(path, one) for path, one in agreement.fields.items()]
    return withheld.canonical([*named, _row(EVERYTHING_ELSE, _UNNAMED)])


@functools.lru_cache(maxsize=1024)
def treatment_digest(agreement: Agreement) -> bytes:
    """Return the digest of the treatment table, which statements bind."""
    return withheld.digest(treatment_table(agreement))


def verify_table(agreement: Agreement, raw: bytes, bound: bytes) -> tuple[FieldTreatment, ...]:
    """Return the rows of a table that a statement has bound, after comparing them with the agreement.

    A table of another version of the model may have other leaves; those that the agreement does not name must
    be omitted in it.

    Precondition: `bound` comes from a verified statement.

    Raises:
        VerificationError: the table is not the one that was bound, or says otherwise than the agreement.
    """
    rows = withheld.verify_treatments(raw, bound)
    held = {row.path: row for row in rows}
    named = {path: _row(path, one) for path, one in agreement.fields.items()}
    wrong = [path for path, row in named.items() if held.get(path) != row]
    wrong += [path for path, row in held.items() if path not in named and row != _row(path, _UNNAMED)]
    if wrong:
        problem = finding("AGREEMENT-TREATMENT-TABLE", path=wrong[0], expected=f"as in {agreement.id}")
        raise VerificationError("the treatments are not those of the agreement", (problem,))
    return rows


def _row(path: str, treatment: Treatment) -> FieldTreatment:
    """Return the row of one leaf."""
    detail = treatment.rule or (str(treatment.length) if treatment.length else "")
    return FieldTreatment(path, treatment.kind.value, detail, treatment.article)
