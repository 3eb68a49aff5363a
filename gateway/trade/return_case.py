# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A return: what is announced, and the case that is made of it. Passive records.

Everything announced is checked here, whichever way it comes; nothing is mended.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from gateway.finding import Finding, finding
from gateway.trade.return_rules import Ruling

ANNOUNCED, WAITING, DRAWN, REFUSED = "announced", "waiting", "drawn", "refused"
REPEATED, WITHDRAWN = "repeated", "withdrawn"
STATES = (ANNOUNCED, WAITING, DRAWN, REFUSED, REPEATED, WITHDRAWN)
LIVE = frozenset({ANNOUNCED, WAITING, DRAWN})
PLACES = 5
LARGEST = 9 * 10**13  # in whole units: with five decimals it stays within 64 bits
LONGEST = 500
MOST_LINES = 100
FIELDS = ("quantity", "legal", "second")
_SCALE = Decimal(10**PLACES)


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A passive record; unknown fields are refused."""


class Amount(Record, frozen=True, kw_only=True):
    """A quantity with its unit, UN/ECE Recommendation 20 or `CEB:nnn`."""

    value: Decimal
    unit: str


class ClaimLine(Record, frozen=True, kw_only=True):
    """What of one line comes back; `line` is its number in the original list."""

    line: int
    quantity: Amount
    legal: Amount | None = None
    second: Amount | None = None
    commodity_code: str = ""
    description: str = ""
    specification: str = ""


class Claim(Record, frozen=True, kw_only=True):
    """A return as somebody announces it.

    `office` is where the goods are or will be; while it is empty nothing is drawn. `mode` is the code of the
    return itself (9661), `message` that of the list way, empty for a full declaration or for item data.
    `tracking_number` is the number of the way back where known. `day` is the one on which they are back.
    """

    lines: tuple[ClaimLine, ...]
    day: date | None = None
    direction: str = "export"
    message: str = ""
    mode: str = ""
    office: str = ""
    site: str = ""
    list_number: str = ""
    tracking_number: str = ""
    original_tracking_number: str = ""
    platform: str = ""
    order_number: str = ""
    exporter: str = ""
    country: str = ""
    reason: str = ""


class Candidate(Record, frozen=True, kw_only=True):
    """An original that a return may be of: how sure that is in per cent, and why."""

    list_number: str
    tracking_number: str
    item: int
    confidence: int
    reasons: tuple[str, ...]


class Problem(Record, frozen=True, kw_only=True):
    """A finding as it stands in a case."""

    code: str
    severity: str
    path: str = ""
    expected: str = ""
    actual: str = ""
    rule: str = ""


class Draw(Record, frozen=True, kw_only=True):
    """What was drawn from an account, in 10⁻⁵ of the units."""

    account: int
    line: int
    amounts: tuple[int, int, int]


class Step(Record, frozen=True, kw_only=True):
    """One act: what made the case what it was then, and where it is logged."""

    what: str
    state: str
    actor: str
    at_ms: int
    note: str = ""
    log_index: int = -1


class Case(Record, frozen=True, kw_only=True):
    """A return and everything that is known and decided about it.

    `partner` and `agreement` say under what a partner announced it. `same_as` is the case that a repeated
    announcement belongs to. `draws` are what it holds of accounts now.
    """

    id: int
    reference: str
    state: str
    claim: Claim
    source: str
    partner: str = ""
    agreement: str = ""
    list_number: str = ""
    original: int = 0
    original_tracking_number: str = ""
    confidence: int = 0
    reasons: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    declaration: str = ""
    rulings: tuple[Ruling, ...] = ()
    problems: tuple[Problem, ...] = ()
    draws: tuple[Draw, ...] = ()
    same_as: int = 0
    rules: str = ""
    steps: tuple[Step, ...] = ()


def scaled(value: Decimal) -> int:
    """Return a checked quantity as a whole number of 10⁻⁵."""
    return int(value * _SCALE)


def unscaled(amount: int) -> Decimal:
    """Return what `scaled` was made from, without needless zeros."""
    value = Decimal(amount) / _SCALE
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def check(claim: Claim) -> Iterator[Finding]:
    """Yield what is wrong with an announcement taken by itself."""
    if not 0 < len(claim.lines) <= MOST_LINES:
        yield _form("lines", f"1 to {MOST_LINES}", str(len(claim.lines)))
    numbers = [one.line for one in claim.lines]
    if len(set(numbers)) < len(numbers) or any(number < 1 for number in numbers):
        yield _form("lines", "each line once", ", ".join(map(str, numbers)))
    if claim.direction not in ("export", "import"):
        yield _form("direction", "export or import", claim.direction)
    for name in claim.__struct_fields__:
        text = getattr(claim, name)
        if isinstance(text, str) and (len(text) > LONGEST or not text.isprintable()):
            yield _form(name, f"at most {LONGEST} printable characters", f"{len(text)} characters")
    if not any(
        (claim.list_number, claim.tracking_number, claim.original_tracking_number, claim.order_number)
    ):
        yield finding("RETURN-NO-NUMBER")
    yield from _check_quantities(claim.lines)


def _check_quantities(lines: Sequence[ClaimLine]) -> Iterator[Finding]:
    """Yield what is wrong with quantities."""
    for place, one in enumerate(lines):
        for name in FIELDS:
            amount = getattr(one, name)
            if amount is not None and not _is_quantity(amount.value):
                path, wanted = f"lines[{place}].{name}", f"above 0, at most {LARGEST}, {PLACES} decimals"
                yield finding("RETURN-QUANTITY", path=path, expected=wanted, actual=str(amount.value)[:40])


def _is_quantity(value: Decimal) -> bool:
    """Say whether a quantity can be drawn exactly."""
    if not value.is_finite() or not 0 < value <= LARGEST:
        return False
    amount = scaled(value)
    return amount > 0 and unscaled(amount) == value


def _form(path: str, expected: str, actual: str) -> Finding:
    return finding("RETURN-FORM", path=path, expected=expected, actual=actual)
