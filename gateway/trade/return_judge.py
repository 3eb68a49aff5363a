# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Judge a return: what forbids it, what a person must look at, and what it would draw. Writes nothing.

An error refuses; a warning waits for a person, who may overrule it; nobody overrules an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, tzinfo

import msgspec

from gateway.exchange.return_rows import ReturnAccountRow
from gateway.exchange.rows import ItemRow
from gateway.exchange.touched import OPEN
from gateway.finding import Finding, finding
from gateway.model import ContentPiece, Item
from gateway.trade.return_account import Amounts, left, units, wanted
from gateway.trade.return_case import FIELDS, Claim, ClaimLine, Draw, unscaled
from gateway.trade.return_match import exporters, same_goods
from gateway.trade.return_rules import NO, RELIEF, RETURN, UNKNOWN, ReturnRules, Ruling

LINE_RULE = "CEB -625209"
NOTHING: Amounts = (0, 0, 0)


class Original(msgspec.Struct, frozen=True):
    """What comes back: row and record, accounts by line, and day and source of its release if known."""

    row: ItemRow
    item: Item
    accounts: Mapping[int, ReturnAccountRow]
    released: tuple[date, str] | None = None


class Judgement(msgspec.Struct, frozen=True):
    """What is to be said of a return, and what it draws if nothing forbids it."""

    problems: tuple[Finding, ...]
    rulings: tuple[Ruling, ...]
    draws: tuple[Draw, ...]
    declaration: str


def start_of(item: Item, direction: str, zone: tzinfo) -> tuple[date, str] | None:
    """Return the day from which clocks count without a release, and the leaf that says it, if any."""
    transport = item.transport
    if direction == "export" and transport is not None and transport.departed_at is not None:
        return transport.departed_at.astimezone(zone).date(), "transport.departed_at"
    if item.border_date is not None:
        return item.border_date, "border_date"
    return None if item.declared_on is None else (item.declared_on, "declared_on")


def judge(
    claim: Claim,
    original: Original,
    rules: ReturnRules,
    *,
    today: date,
    pending: Mapping[int, Amounts],
) -> Judgement:
    """Judge a return of a known original; `pending` is drawn, by line, beside what the accounts say."""
    item, mode = original.item, original.item.trade_mode or ""
    day = claim.day or today
    start = original.released or start_of(item, claim.direction, rules.zone)
    about = [
        rules.clock(kind, mode=mode, direction=claim.direction, start=start, day=day)
        for kind in (RETURN, RELIEF)
    ]
    problems = [*_original(claim, original), *_clocks(about[0])]
    if claim.office:
        office = item.declaration_office or ""
        across = rules.across(mode=mode, original=office, office=claim.office, site=claim.site, day=day)
        about.append(across)
        problems += _across(across, claim.office, office)
    declaration, found = _form(claim, rules, mode)
    problems += found
    draws: list[Draw] = []
    for place, line in enumerate(claim.lines):
        held = original.accounts.get(line.line)
        path = f"lines[{place}]"
        if held is None:
            problems.append(_no_line(path, line, original))
            continue
        problems += _line(claim, line, item, held, path)
        draw = wanted(held, line)
        draws.append(draw)
        problems += _balance(held, draw, pending.get(line.line, NOTHING), path)
    return Judgement(tuple(problems), tuple(about), tuple(draws), declaration)


def _original(claim: Claim, original: Original) -> Iterator[Finding]:
    """Yield what the original itself forbids."""
    if original.row.state != OPEN:
        yield finding("RETURN-CANCELLED", path="list_number", actual=original.row.state)
    names = exporters(original.item)
    if claim.exporter and names and claim.exporter not in names:
        yield finding("RETURN-EXPORTER", path="exporter", actual=claim.exporter)


def _clocks(ruling: Ruling) -> Iterator[Finding]:
    """Yield what the clock of the return forbids; that of the relief forbids nothing."""
    if ruling.verdict == NO:
        yield finding("RETURN-CLOCK", path="day", expected=f"until {ruling.last_day}", rule=ruling.rule)
    elif ruling.verdict == UNKNOWN:
        yield finding("RETURN-DAY", path="day", actual=ruling.reason)


def _across(ruling: Ruling, office: str, original: str) -> Iterator[Finding]:
    """Yield what forbids the office."""
    if ruling.verdict == NO:
        yield finding(
            "RETURN-OFFICE",
            path="office",
            expected=f"{original}; {ruling.reason}",
            actual=office,
            rule=ruling.rule,
        )
    elif ruling.verdict == UNKNOWN:
        yield finding("RETURN-OFFICE-UNKNOWN", path="office", actual=office)


def _form(claim: Claim, rules: ReturnRules, mode: str) -> tuple[str, list[Finding]]:
    """Return how the return is to be declared, and what is wrong with how it is."""
    form = rules.form(mode, claim.direction)
    if form is None:
        return "", [finding("RETURN-MODE", path="mode", actual=mode)]
    if not form.message:
        said = f"full declaration ({form.source}; {form.status})"
        return said, [finding("RETURN-DECLARATION", path="mode", actual=mode)] if claim.message else []
    said = f"{form.message}{' with ' + form.code if form.code else ''} ({form.source}; {form.status})"
    wrong = claim.message and (
        claim.message != form.message or (claim.mode and form.code and claim.mode != form.code)
    )
    if not wrong:
        return said, []
    expected = " ".join(filter(None, (form.message, form.code)))
    return said, [finding("RETURN-CODE", path="mode", expected=expected, actual=claim.mode)]


def _no_line(path: str, line: ClaimLine, original: Original) -> Finding:
    """Return the finding on a line that the original has not, or not with a quantity."""
    known = ", ".join(str(one) for one in sorted(original.accounts)) or "none with a quantity"
    return finding("RETURN-LINE", path=f"{path}.line", expected=known, actual=str(line.line), rule=LINE_RULE)


def _line(claim: Claim, line: ClaimLine, item: Item, held: ReturnAccountRow, path: str) -> Iterator[Finding]:
    """Yield what is wrong with a line beside its balance."""
    piece = _piece(item.content, line.line)
    listed = bool(claim.message)
    if piece is not None and line.commodity_code and not same_goods(line.commodity_code, piece):
        code = "RETURN-GOODS" if listed else "RETURN-GOODS-OTHER"
        yield finding(code, path=f"{path}.commodity_code", expected=piece.commodity_code or piece.hs or "")
    for name in ("description", "specification") if listed and piece is not None else ():
        said, was = getattr(line, name), getattr(piece, name)
        if said and was and said != was:
            yield finding("RETURN-GOODS", path=f"{path}.{name}", expected=was, actual=said)
    for name, unit in zip(FIELDS, units(held), strict=True):
        amount = getattr(line, name)
        if amount is None and unit:
            yield finding("RETURN-NOT-STATED", path=f"{path}.{name}", expected=unit)
        elif amount is not None and not unit:
            yield finding("RETURN-NOT-COUNTED", path=f"{path}.{name}")
        elif amount is not None and amount.unit != unit:
            yield finding("RETURN-UNIT", path=f"{path}.{name}", expected=unit, actual=amount.unit)


def _balance(held: ReturnAccountRow, draw: Draw, pending: Amounts, path: str) -> Iterator[Finding]:
    """Yield what is above the account."""
    for name, rest, other, amount in zip(FIELDS, left(held), pending, draw.amounts, strict=True):
        if amount > rest - other:
            yield finding(
                "RETURN-ACCOUNT",
                path=f"{path}.{name}",
                expected=f"at most {unscaled(max(0, rest - other))}",
                actual=str(unscaled(amount)),
            )


def _piece(content: Sequence[ContentPiece], number: int) -> ContentPiece | None:
    """Return a line of the original by its number."""
    return next((one for place, one in enumerate(content, 1) if (one.number or place) == number), None)
