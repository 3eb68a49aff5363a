# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Field treatment: what of an item leaves under an agreement.

1. A field leaves only if the agreement names it; there is no other way out.
2. Same item, secret, agreement and key give the same result, byte for byte.
3. A value that its generalisation cannot read is withheld, with a finding.
4. A committed value is replaced by SHA-256(domain || salt || value), with a salt that derives from the item's
   secret and `<agreement id>|<path>`; value and salt open it later. An absent value has no commitment.
5. A pseudonym is a keyed hash of agreement, field and value: the same value in the same field can be
   recognised, and nobody without the key can guess it.
"""

import base64
import functools
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from gateway.agreement.agreement import Agreement, Treatment, TreatmentKind
from gateway.agreement.generalise import rule
from gateway.agreement.straight import CopyWriter, Source, compile_source
from gateway.audit.commitment import commit, next_salt, salt_source
from gateway.finding import Finding, finding
from gateway.model import FieldCommitment, Item, leaf_types

PSEUDONYM_KEY_LENGTH = 32
PSEUDONYMS_KEPT = 4096

_PSEUDONYM = "customs-ead/pseudonym/v1"


@dataclass(frozen=True, slots=True)
class Treated:
    """What leaves of one item, and what was cut or withheld on the way."""

    item: Item
    commitments: tuple[FieldCommitment, ...]
    findings: tuple[Finding, ...]


Treat = Callable[[Item, bytes], Treated]
Fields: TypeAlias = dict[str, Any]
"""A record, or a commitment, as a dictionary of texts, numbers and dictionaries; absent fields are none."""

Write = Callable[[Any, bytes], tuple[Fields, list[Fields], list[Finding]]]
"""What leaves of an item, its commitments and what was cut or withheld."""


def compile_treatment(agreement: Agreement, pseudonym_key: bytes) -> Treat:
    """Compile the treatment of an agreement into one function of (item, secret of the item).

    The function raises ValueError if something is to be committed and the secret is shorter than 32 bytes.

    Raises:
        ValueError: the agreement pseudonymises and the key is shorter than 32 bytes.
    """
    source = _source(agreement, pseudonym_key)
    source.names.update(FieldCommitment=FieldCommitment, Treated=Treated)
    result = CopyWriter(source, agreement.fields, _LeafWriter(source, agreement.id, pseudonym_key)).copy()
    source.add(f"return Treated({result}, tuple(commitments), tuple(findings))")
    treat: Treat = compile_source(source, "item, secret")
    return treat


def compile_writing(
    agreement: Agreement, pseudonym_key: bytes, texts: Mapping[type, Callable[[Any], str]]
) -> Write:
    """Compile treatment and writing into one function; values come as `texts` has them.

    The function takes any record that has the leaves in `named`, and lets through what `compile_treatment`
    does: a property test holds the two together. It raises what `texts` raise.

    Raises:
        ValueError: the agreement pseudonymises and the key is shorter than 32 bytes.
    """
    source = _source(agreement, pseudonym_key)
    source.names.update(FieldCommitment=dict)
    fields = {path: agreement.fields[path] for path in named(agreement)}
    leaves = _LeafWriter(source, agreement.id, pseudonym_key)
    result = CopyWriter(source, fields, _TextWriter(source, leaves, texts), dictionaries=True).copy()
    source.add(f"return {result}, commitments, findings")
    write: Write = compile_source(source, "item, secret")
    return write


def named(agreement: Agreement) -> frozenset[str]:
    """Return the leaves of an item of which something leaves, be it a commitment."""
    return frozenset(path for path, one in agreement.fields.items() if one.kind is not TreatmentKind.OMIT)


def _source(agreement: Agreement, pseudonym_key: bytes) -> Source:
    """Begin a function that treats an item.

    Raises:
        ValueError: the agreement pseudonymises and the key is shorter than 32 bytes.
    """
    kinds = {one.kind for one in agreement.fields.values()}
    if TreatmentKind.PSEUDONYMISE in kinds and len(pseudonym_key) < PSEUDONYM_KEY_LENGTH:
        raise ValueError("a pseudonym key has at least 32 bytes")
    source = Source()
    source.names.update(commit=commit, salt_source=salt_source, salt=next_salt, cut=_cut, withheld=_withheld)
    source.add("salts = None")
    source.add("commitments = []")
    source.add("findings = []")
    return source


def committed_bytes(value: str | int | Decimal | date) -> bytes:
    """Return the bytes of a value that a commitment is about."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, Decimal):
        return format(value, "f").encode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().encode()
    if isinstance(value, date):
        return value.isoformat().encode()
    return str(value).encode()


def salt_label(agreement_id: str, path: str) -> str:
    """Return the label under which the salt of a committed field derives; `path` has indexes."""
    return f"{agreement_id}|{path}"


def pseudonym(key: bytes, agreement_id: str, leaf: str, value: str, length: int) -> str:
    """Return the pseudonym of a text in a field, in letters A-Z and digits 2-7."""
    message = f"{_PSEUDONYM}\x00{agreement_id}\x00{leaf}\x00{value}".encode()
    digest = hmac.digest(key, message, "sha256")
    # Five bytes are eight letters, and encoding is done in Python: no more of it than is kept.
    return base64.b32encode(digest[: -(-length // 8) * 5]).decode()[:length]


@dataclass(frozen=True, slots=True)
class _LeafWriter:
    """Write the treatment of one present value into the code of an agreement."""

    source: Source
    agreement_id: str
    key: bytes

    def __call__(self, variable: str, leaf: str, shown: str, treatment: Treatment) -> bool:
        """Write the lines; say whether the variable then holds what may leave."""
        add, bind = self.source.add, self.source.bind
        path = repr(shown) if shown == leaf else f"f{shown!r}"
        match treatment.kind:
            case TreatmentKind.PASS:
                return True
            case TreatmentKind.TRUNCATE:
                add(f"if len({variable}) > {treatment.length}:")
                add(f"    {variable} = {variable}[:{treatment.length}]")
                add(f"    findings.append(cut({path}, {treatment.length}))")
                return True
            case TreatmentKind.GENERALISE:
                add(f"{variable} = {bind(rule(treatment.rule, leaf_types()[leaf]))}({variable})")
                add(f"if {variable} is None:")
                add(f"    findings.append(withheld({path}, {treatment.rule!r}))")
                return True
            case TreatmentKind.PSEUDONYMISE:
                # Who is known by a pseudonym sends often, so the last ones are remembered.
                maker = bind(
                    functools.lru_cache(PSEUDONYMS_KEPT)(
                        functools.partial(pseudonym, self.key, self.agreement_id, leaf)
                    )
                )
                add(f"{variable} = {maker}({variable}, {treatment.length})")
                return True
            case TreatmentKind.COMMIT:
                label = f"f{salt_label(self.agreement_id, shown)!r}"
                text = leaf_types()[leaf] is str
                data = f"{variable}.encode()" if text else f"{bind(committed_bytes)}({variable})"
                digest = f"commit(salt(salts, {label}), {data})"
                add("salts = salts or salt_source(secret)")
                add(f"commitments.append(FieldCommitment(path={path}, digest={digest}))")
                return False
            case TreatmentKind.OMIT:
                return False


@dataclass(frozen=True, slots=True)
class _TextWriter:
    """Write the treatment of a value, and then the value as the text that travels."""

    source: Source
    treat: _LeafWriter
    texts: Mapping[type, Callable[[Any], str]]

    def __call__(self, variable: str, leaf: str, shown: str, treatment: Treatment) -> bool:
        """Write the lines; say whether the variable then holds what may leave."""
        if not self.treat(variable, leaf, shown, treatment):
            return False
        kind = leaf_types()[leaf]
        withheld = treatment.kind is TreatmentKind.GENERALISE
        if kind in self.texts:
            text = f"{self.source.bind(self.texts[kind])}({variable})"
            unless = f" if {variable} is not None else None" if withheld else ""
            self.source.add(f"{variable} = {text}{unless}")
        elif withheld and kind is str:
            self.source.add(f"{variable} = {variable} or None")  # an empty text does not travel
        return True


@functools.lru_cache(maxsize=4096)
def _cut(path: str, length: int) -> Finding:
    """Return the finding of a truncated text; says nothing of the text itself."""
    return finding("AGREEMENT-TRUNCATED", path=path, expected=f"at most {length} characters")


@functools.lru_cache(maxsize=4096)
def _withheld(path: str, rule_text: str) -> Finding:
    """Return the finding of a value that could not be generalised; says nothing of the value itself."""
    return finding("AGREEMENT-NOT-GENERALISED", path=path, expected=f"a value for {rule_text}")
