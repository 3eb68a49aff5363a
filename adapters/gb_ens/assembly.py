# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From the values of a message to the record: what only several values together can say.

Rules: HS is the first four or six digits, never padded; a party that every goods item repeats is that of the
whole; the S10 number of one despatch note is the tracking number. Everything else stays where it was read.
"""

from typing import Any

import msgspec

from adapters.gb_ens.catalogue import Message
from adapters.gb_ens.reading import Reading, Scope
from adapters.gb_ens.rules import rules
from adapters.gb_ens.spec import LIFTED, Container
from adapters.gb_ens.times import write_utc
from gateway.sdk import Item, s10

EORI = "EORI"
REGISTERED = "DecRegDatTimHEA115"
_HEADING, _SUBHEADING = 4, 6


def assemble(message: Message, scope: Scope, reading: Reading, spec: Container) -> Item:
    """Return the record of a message that was read."""
    goods = scope.get("content", ())
    for piece in goods:
        code = piece.get("commodity_code")
        if code:
            piece["hs"] = code[: _SUBHEADING if len(code) >= _SUBHEADING else _HEADING]
    if reading.lifts:
        _lift(scope, goods, reading, spec)
    _track(scope, goods)
    if message.outcome:
        _answer(message, scope)
    for _, party in parties(scope):
        if "identifier" in party:
            party["identifier_scheme"] = EORI
    return msgspec.convert(scope, Item)


def parties(scope: Scope) -> list[tuple[str, Scope]]:
    """Return the parties of a record that the format knows, as far as they are present, with their places."""
    found: list[tuple[str, Scope]] = [
        (one, scope[one]) for one in ("sender", "addressee", "declarant", "carrier") if one in scope
    ]
    filing = scope.get("filing")
    if filing:
        found += [(f"filing.{one}", filing[one]) for one in ("representative", "notify") if one in filing]
    return found


def _lift(scope: Scope, goods: Any, reading: Reading, spec: Container) -> None:
    places = spec.inner("GOOITEGDS")
    for tag, path in LIFTED.items():
        if tag not in reading.lifts:
            continue
        *parents, name = path.split(".")
        target = scope
        for step in parents:
            target = target.setdefault(step, {})
        first = goods[0].get(f"#{tag}")
        if name not in target and first and all(one.get(f"#{tag}") == first for one in goods):
            target[name] = first
        else:
            reading.not_lifted(tag, places.inner(tag))
    if "CONNR2" in reading.lifts:
        first = goods[0].get("#CONNR2")
        if first and len(first) == 1 and all(one.get("#CONNR2") == first for one in goods):
            scope.setdefault("filing", {})["container"] = first[0].get("#ConNumNR21")
        else:
            reading.not_lifted("CONNR2", places.inner("CONNR2"))


def _track(scope: Scope, goods: Any) -> None:
    """Take the tracking number from the despatch notes if they name exactly one."""
    kind = rules().tracking_kind
    numbers = {
        one.get("number")
        for piece in goods
        for one in piece.get("filing", {}).get("documents", ())
        if one.get("kind") == kind and s10.is_valid(one.get("number", ""))
    }
    if len(numbers) == 1:
        scope["tracking_number"] = numbers.pop()


def _answer(message: Message, scope: Scope) -> None:
    """Fill what an answer says by being what it is."""
    said = scope.setdefault("assessment", {})
    said |= {"outcome": message.outcome, "decision_code": message.name}
    if message.phase:
        said["phase"] = message.phase
    for name, tag in (("reference", "#MesIdeMES19"), ("authority", "#MesSenMES3")):
        if scope.get(tag):
            said[name] = scope[tag]
    for one in said.get("requests", ()):
        if "#ErrReaER13" in one:
            one["code"] = f"{one.get('code', '')}:{one['#ErrReaER13']}"
        if "#IteNumConCUSINT668" in one:
            one["path"] = f"content[{int(one['#IteNumConCUSINT668'])}]"
    if f"#{REGISTERED}" in scope:
        told = {"code": REGISTERED, "text": write_utc(scope[f"#{REGISTERED}"])}
        scope.setdefault("filing", {}).setdefault("statements", []).append(told)
    recipient = scope.get("#MesRecMES6", "").partition("/")[0]
    if recipient and rules().recipient == "declarant" and is_tin(recipient):
        scope.setdefault("declarant", {}).setdefault("identifier", recipient)


def is_tin(text: str) -> bool:
    """Say whether a text has the form of a trader identification number."""
    return 3 <= len(text) <= 17 and text.isascii() and text[:2].isalpha() and text[:2].isupper()  # noqa: PLR2004
