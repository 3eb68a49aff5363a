# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What there is to know of a message beyond its fields."""

from dataclasses import dataclass

from gateway.sdk import ContributionKind

MAX_DOCUMENTS = 100
ALWAYS = "always"
IF_DECLARED = "if declared"
NO_RECEIPT = "CEB900"

EXPORT_SIBLINGS = ("BaseTransfer", "BaseSubscribe", "Signature", "ExtendMessage")
IMPORT_SIBLINGS = ("BaseTransfer", "BaseSubscribe", "ExtendMessage", "Signature")


@dataclass(frozen=True, slots=True)
class MessageType:
    """One message.

    `head` and `lines` are the group elements inside a document; an empty `head` is the document itself.
    `named` are the head fields that make the reference: the code of the sender, its number, and what stands
    in for an optional number. `kind` is what its documents become; none is kept without effect on any item.
    `wrapper` is a head element that the field may put around a flat document. `loose` names the groups whose
    field order no source confirms, so that a difference warns and does not refuse. `per_line` says that each
    line speaks of another item, `split` that the document may come in numbered parts. `signed` says when the
    definition asks for a signature; empty is never. `own_number` is the head field that a writer numbers
    itself. `carried` are head fields without a canonical place that go along as statements. `pushed` messages
    come from customs: they have no application type, time or state.
    """

    name: str
    document: str
    head: str
    lines: str
    receipt: str
    named: tuple[str, str, str]
    kind: ContributionKind | None = None
    wrapper: str = ""
    loose: frozenset[str] = frozenset()
    per_line: bool = False
    split: bool = False
    signed: str = ""
    siblings: tuple[str, ...] = EXPORT_SIBLINGS
    max_documents: int = MAX_DOCUMENTS
    own_number: str = ""
    carried: tuple[str, ...] = ()
    returns: bool = False
    pushed: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the group names in document order."""
        return (self.head, self.lines) if self.lines else (self.head,)

    @property
    def prefix(self) -> str:
        """Return how paths of head fields begin."""
        return f"{self.head}/" if self.head else ""
