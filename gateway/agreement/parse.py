# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the text of an agreement: TOML, checked whole, every fault reported with its place.

What is not stated is not allowed: there is no default for parties, purpose, dates, retention, onward sharing
or fields. Knows nothing of signatures.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from types import MappingProxyType

from gateway.agreement.agreement import (
    Agreement,
    Asking,
    BatchLimits,
    Match,
    Treatment,
    TreatmentKind,
    ValueBand,
)
from gateway.agreement.generalise import rule
from gateway.agreement.paths import expand, is_code, nearest
from gateway.agreement.reader import TableReader
from gateway.envelope.bundle import is_organisation
from gateway.envelope.policy import CLASSICAL, HYBRID
from gateway.errors import ConfigError
from gateway.finding import Finding, finding
from gateway.model import IDENTIFICATION, RECORDS, leaf_types

TRIGGERS = ("push", "query")
ASK_BY = ("tracking_number", "ucr", "mrn")
MAX_PER_HOUR = 1_000_000
COUNTRIES = ("destination_country", "departure_country")
ABOUT = ("", "sent", "received", "either")
WAIT_THEN = ("send", "drop")
ON_ERASURE = ("erase", "keep")
ONWARD = ("none", "named", "consent")
POLICIES = (HYBRID.name, CLASSICAL.name)
MAX_AGREEMENT_BYTES = 256 * 1024
MAX_BATCH = 256
MAX_LINGER_MS = 60_000
MAX_WAIT_SECONDS = 90 * 86_400
MAX_RETENTION_DAYS = 36_525
MAX_TEXT = 4096
PSEUDONYM_LENGTHS = (16, 52)
PSEUDONYM_LENGTH = 26

_IDENTIFIER = re.compile(r"[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)


def parse(raw: bytes) -> Agreement:
    """Read an agreement.

    Raises:
        ConfigError: the text cannot be used; its findings name every fault.
    """
    findings: list[Finding] = []
    top = TableReader(_load(raw), findings)
    agreement = _agreement(top, hashlib.sha256(raw).digest())
    top.close()
    if agreement.effective_from >= agreement.effective_until and not findings:
        top.fault(
            "AGREEMENT-DATES", "effective_until", expected=f"after {agreement.effective_from.isoformat()}"
        )
    if findings:
        count = len(findings)
        raise ConfigError(f"agreement has {count} fault{'s' if count > 1 else ''}", tuple(findings))
    return agreement


def _load(raw: bytes) -> dict[str, object]:
    """Return the TOML tables of a text."""
    try:
        if len(raw) > MAX_AGREEMENT_BYTES:
            raise ValueError(f"longer than {MAX_AGREEMENT_BYTES} bytes")  # noqa: TRY301 - one way out
        return tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        found = finding("AGREEMENT-SYNTAX", actual=str(error))
        raise ConfigError("agreement is not readable", (found,)) from error


def _agreement(top: TableReader, digest: bytes) -> Agreement:
    """Take everything that an agreement states, in the order of the type."""
    wait = top.table("wait")
    record = top.text("record", one_of=RECORDS)
    trigger = top.text("trigger", one_of=TRIGGERS)
    fields = _fields(top, record)
    agreement = Agreement(
        id=_identifier(top, "id"),
        version=top.integer("version", 1, 1_000_000),
        sender=_organisation(top, "sender"),
        recipient=_organisation(top, "recipient"),
        purpose=top.text("purpose"),
        legal_basis=top.text("legal_basis"),
        effective_from=top.moment("effective_from"),
        effective_until=top.moment("effective_until"),
        record=record,
        trigger=trigger,
        match=_match(top.table("match"), record),
        required=_required(wait, fields),
        fields=MappingProxyType(fields),
        wait_limit=wait.integer("limit_seconds", 0, MAX_WAIT_SECONDS),
        wait_then=wait.text("then", one_of=WAIT_THEN),
        retention_days=top.integer("retention_days", 1, MAX_RETENTION_DAYS),
        on_erasure=top.text("on_erasure", default="erase", one_of=ON_ERASURE),
        onward=top.text("onward", one_of=ONWARD),
        onward_agencies=top.texts("onward_agencies"),
        policy=top.text("policy", one_of=POLICIES),
        batch=_batch(top.table("batch")),
        digest=digest,
        asking=_asking(top) if trigger == "query" else Asking(),
    )
    wait.close()
    if agreement.sender and agreement.sender == agreement.recipient:
        top.fault("AGREEMENT-VALUE", "recipient", expected="another organisation than the sender")
    if (agreement.onward == "named") != bool(agreement.onward_agencies):
        top.fault("AGREEMENT-VALUE", "onward_agencies", expected='agencies if onward is "named", else none')
    return agreement


def _identifier(reader: TableReader, key: str) -> str:
    """Take an identifier that is safe in file names."""
    value = reader.text(key)
    if value and not _IDENTIFIER.fullmatch(value):
        reader.fault(
            "AGREEMENT-VALUE", key, expected="small letters, digits and hyphens, at most 64", actual=value
        )
    return value


def _organisation(reader: TableReader, key: str) -> str:
    """Take the id of an organisation."""
    value = reader.text(key)
    if value and not is_organisation(value):
        reader.fault("AGREEMENT-VALUE", key, expected="the id of an organisation", actual=value)
    return value


def _match(reader: TableReader, record: str) -> Match:
    """Take the conditions under which a record falls under the agreement."""
    values = []
    for row in reader.tables("value"):
        band = ValueBand(row.text("currency"), row.number("minimum"), row.number("maximum"))
        if band.minimum is not None and band.maximum is not None and band.minimum > band.maximum:
            row.fault("AGREEMENT-VALUE", "maximum", expected=f"at least {band.minimum}")
        row.close()
        values.append(band)
    if len({band.currency for band in values}) != len(values):
        reader.fault("AGREEMENT-VALUE", "value", expected="one band for each currency")
    match = Match(
        destinations=frozenset(reader.texts("destinations")),
        departures=frozenset(reader.texts("departures")),
        modes=frozenset(reader.texts("modes")),
        directions=frozenset(reader.texts("directions")),
        trade_modes=frozenset(reader.texts("trade_modes")),
        natures=frozenset(reader.texts("natures")),
        values=tuple(values),
        about=reader.text("about", default="", one_of=ABOUT),
    )
    reader.close()
    if match.about and record == "item":
        reader.fault("AGREEMENT-VALUE", "about", expected="none: items are not about items")
    if match == Match():
        reader.fault(
            "AGREEMENT-VALUE", "destinations", expected="at least one condition; none would match all"
        )
    return match


def _asking(top: TableReader) -> Asking:
    """Take the limits of asking, which only an agreement with trigger query has."""
    reader = top.table("query")
    by = reader.texts("by", required=True)
    for one in by:
        if one not in ASK_BY:
            reader.fault("AGREEMENT-VALUE", "by", expected=" or ".join(ASK_BY), actual=one)
    asking = Asking(by, reader.integer("per_hour", 1, MAX_PER_HOUR))
    reader.close()
    return asking


def _batch(reader: TableReader) -> BatchLimits:
    """Take the limits of a batch."""
    limits = BatchLimits(
        reader.integer("size", 1, MAX_BATCH, default=MAX_BATCH),
        reader.integer("linger_ms", 1, MAX_LINGER_MS, default=50),
    )
    reader.close()
    return limits


def _required(wait: TableReader, fields: Mapping[str, Treatment]) -> tuple[str, ...]:
    """Take the leaves without which an item waits; they must be among those that leave."""
    required: list[str] = []
    for path in wait.texts("required"):
        leaves = expand(path)
        if not leaves or path.endswith(".*"):
            wait.fault(
                "AGREEMENT-UNKNOWN-PATH", "required", expected=nearest(path.removesuffix(".*")), actual=path
            )
        elif path not in fields or fields[path].kind is TreatmentKind.OMIT:
            wait.fault("AGREEMENT-REQUIRED-NOT-SHARED", "required", actual=path)
        else:
            required.append(path)
    return tuple(required)


def _fields(top: TableReader, record: str) -> dict[str, Treatment]:
    """Take all field treatments, groups expanded to leaves."""
    fields: dict[str, Treatment] = {}
    for row in top.tables("field", required=True):
        treatment = _treatment(row)
        for path in row.texts("paths", required=True):
            leaves = expand(path)
            if not leaves:
                row.fault("AGREEMENT-UNKNOWN-PATH", "paths", expected=nearest(path), actual=path)
            for leaf in leaves:
                if leaf in fields:
                    row.fault("AGREEMENT-DUPLICATE-PATH", "paths", actual=leaf)
                elif not _belongs(leaf, record):
                    expected = f"identification or {record}.*"
                    row.fault("AGREEMENT-RECORD-PATH", "paths", expected=expected, actual=leaf)
                elif treatment:
                    _check_suits(row, leaf, treatment)
                    fields[leaf] = treatment
        row.close()
    return fields


def _belongs(leaf: str, record: str) -> bool:
    """Say whether a record of a kind can hold a leaf."""
    if record not in RECORDS[1:]:
        return True
    return leaf in (*IDENTIFICATION, *COUNTRIES) or leaf.startswith(f"{record}.")


def _treatment(row: TableReader) -> Treatment | None:
    """Take one treatment with its parameter."""
    kind = row.text("treatment", one_of=tuple(TreatmentKind))
    article = row.text("article")
    if kind not in tuple(TreatmentKind):
        return None
    length, rule_text = 0, ""
    if kind == TreatmentKind.TRUNCATE:
        length = row.integer("length", 1, MAX_TEXT)
    elif kind == TreatmentKind.PSEUDONYMISE:
        length = row.integer("length", *PSEUDONYM_LENGTHS, default=PSEUDONYM_LENGTH)
    elif kind == TreatmentKind.GENERALISE:
        rule_text = row.text("rule")
    return Treatment(TreatmentKind(kind), article, length, rule_text)


def _check_suits(row: TableReader, leaf: str, treatment: Treatment) -> None:
    """Report a treatment that the type of a leaf cannot bear."""
    kind = leaf_types()[leaf]
    if treatment.kind in {TreatmentKind.TRUNCATE, TreatmentKind.PSEUDONYMISE} and (
        kind is not str or is_code(leaf)
    ):
        row.fault("AGREEMENT-TREATMENT", "treatment", expected="a free text field", actual=leaf)
    if treatment.kind is TreatmentKind.GENERALISE:
        try:
            rule(treatment.rule, kind)
        except ValueError as error:
            row.fault("AGREEMENT-TREATMENT", "rule", expected=str(error), actual=f"{leaf}: {treatment.rule}")
