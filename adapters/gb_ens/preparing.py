# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From a record to the values that a message has elements for; what has none is told as lost here.

Nothing is invented: a party's identifier is written only if it is an EORI, a code is never padded, and a mass
only changes its unit where that is exact.
"""

from datetime import datetime
from decimal import Decimal

from adapters.gb_ens.assembly import EORI, REGISTERED, parties
from adapters.gb_ens.catalogue import Message
from adapters.gb_ens.reading import Scope
from adapters.gb_ens.rules import rules
from adapters.gb_ens.times import read_utc
from gateway.sdk import Finding, Loss, finding, s10

_CN = 8
_KILOGRAMS = {"GRM": Decimal("0.001"), "TNE": Decimal(1000)}  # UN/ECE Recommendation 20


class Preparing:
    """One record on its way to a message; `scope` is its own copy as plain dictionaries."""

    def __init__(self, message: Message, scope: Scope, position: str) -> None:
        """Take the record; nothing is changed yet."""
        self.scope, self.losses, self.found = scope, list[Loss](), list[Finding]()
        self._message, self._position = message, position

    def run(self, now_sender: str, now_id: str) -> None:
        """Turn the values of the record into those of the message."""
        scope = self.scope
        self._masses(scope, "")
        for number, piece in enumerate(scope.get("content", ()), 1):
            self._goods(piece, number)
        for role, party in parties(scope):
            self._party(role, party)
        if scope.get("tracking_number") is not None:
            self._tracking(scope)
        container = scope.get("filing", {}).pop("container", None)
        if container is not None:
            self._container(container)
        if self._message.outcome:
            self._answer(scope)
        elif scope.get("content"):
            scope["#TotNumOfIteHEA305"] = str(len(scope["content"]))
        scope["#MesIdeMES19"] = scope.get("#MesIdeMES19") or now_id
        scope["#MesSenMES3"] = scope.get("#MesSenMES3") or now_sender
        scope["#MesTypMES20"] = self._message.name

    def lost(self, path: str, detail: str, kind: str = "lost", outside: str = "") -> None:
        """Note what happens to a value."""
        self.losses.append(Loss(kind=kind, path=path, outside_path=outside, detail=detail))

    def _masses(self, holder: Scope, mark: str) -> None:
        """Turn a gross mass into kilograms."""
        mass = holder.get("gross_mass")
        if not mass or mass.get("unit") == "KGM":
            return
        value, factor = mass.get("value"), _KILOGRAMS.get(mass.get("unit", ""))
        path = f"{mark}gross_mass.unit"
        if value is None:
            self.lost(path, "a unit without a value")
            mass.pop("unit", None)
        elif factor is None:
            self.found.append(
                finding(
                    "SCHEMA-CONFLICT",
                    path=path,
                    position=self._position,
                    expected="KGM, GRM or TNE",
                    actual=mass.get("unit", ""),
                )
            )
        else:
            mass["value"] = value * factor
            self.lost(path, f"{mass['unit']} to KGM", "derived")
            self.lost(f"{mark}gross_mass.value", f"{mass['unit']} to KGM", "derived")
            mass["unit"] = "KGM"

    def _goods(self, piece: Scope, number: int) -> None:
        mark = f"content[{number}]."
        self._masses(piece, mark)
        code, hs = piece.get("commodity_code"), piece.pop("hs", None)
        if code and len(code) <= _CN:
            if hs and not code.startswith(hs):
                self.lost(f"{mark}hs", "the commodity code says otherwise")
        elif hs:
            piece["commodity_code"] = hs
            if code:
                self.lost(f"{mark}commodity_code", f"{len(code)} to {len(hs)} digits", "truncated")
            else:
                self.lost(f"{mark}commodity_code", "from content[].hs", "derived")
        elif code:
            piece["commodity_code"] = code[:6]
            self.lost(f"{mark}commodity_code", f"{len(code)} to 6 digits", "truncated")
        filing = piece.get("filing")
        if filing and not (kind := filing.get("package_type")):
            for name in ("package_count", "marks"):
                if filing.pop(name, None) is not None and not kind:
                    self.lost(f"{mark}filing.{name}", "written only beside a kind of packages")

    def _party(self, role: str, party: Scope) -> None:
        scheme, identifier = party.pop("identifier_scheme", None), party.get("identifier")
        if scheme == EORI and identifier is not None:
            return
        if identifier is not None:
            del party["identifier"]
            self.lost(f"{role}.identifier", "only an identifier of scheme EORI can be written")
        if scheme is not None:
            self.lost(f"{role}.identifier_scheme", "only an identifier of scheme EORI can be written")

    def _tracking(self, scope: Scope) -> None:
        """Write an S10 number as a despatch note of every goods item, unless one has it already."""
        number, kind = scope.pop("tracking_number"), rules().tracking_kind
        goods = scope.get("content", ())
        lists = [list(one.get("filing", {}).get("documents", ())) for one in goods]
        said = {one.get("number") for many in lists for one in many if one.get("kind") == kind}
        others = {one for one in said if one and one != number and s10.is_valid(one)}
        if number in said and not others:
            return
        if not goods or others or self._message.outcome or not s10.is_valid(number):
            self.lost("tracking_number", f"no document {kind} can say it alone")
            return
        for index, (piece, many) in enumerate(zip(goods, lists, strict=True), 1):
            many.append({"kind": kind, "number": number})
            piece.setdefault("filing", {})["documents"] = many
            outside = f"GOOITEGDS[{index}]/PRODOCDC2[{len(many)}]"
            self.lost(
                f"content[{index}].filing.documents[{len(many)}]",
                "from the tracking number",
                "derived",
                outside,
            )

    def _container(self, number: str) -> None:
        goods = self.scope.get("content", ())
        for one in goods:
            one["#CONNR2"] = [{"#ConNumNR21": number}]
        if not goods or self._message.name in {"CC316A", "CC305A"}:
            self.lost("filing.container", "no goods item to say it of")

    def _answer(self, scope: Scope) -> None:
        """Take apart what an answer says by being what it is."""
        said = scope.get("assessment", {})
        expected = {"outcome": self._message.outcome, "decision_code": self._message.name}
        if said.get("outcome") != self._message.outcome:
            self.found.append(
                finding(
                    "SCHEMA-CONFLICT",
                    path="assessment.outcome",
                    position=self._position,
                    expected=self._message.outcome,
                    actual=said.get("outcome", ""),
                )
            )
        for name, value in {**expected, "phase": self._message.phase}.items():
            if said.pop(name, None) not in {value, None} and name != "outcome":
                self.lost(f"assessment.{name}", f"{self._message.name} says nothing of it")
        scope["#MesIdeMES19"] = said.pop("reference", None)
        scope["#MesSenMES3"] = said.pop("authority", None)
        scope["#MesRecMES6"] = self._recipient(scope)
        if self._message.name == "CC316A":  # the recipient alone says who lodged
            declarant = scope.get("declarant", {})
            if declarant.get("identifier") == scope["#MesRecMES6"]:
                declarant.pop("identifier", None)
        for number, one in enumerate(said.get("requests", ()), 1):
            self._request(one, f"assessment.requests[{number}].")
        filing = scope.get("filing", {})
        for one in filing.get("statements", ()):
            if self._message.name == "CC351A" and one.get("code") == REGISTERED:
                scope[f"#{REGISTERED}"] = self._registered(one)

    def _registered(self, statement: Scope) -> datetime | None:
        try:
            at = read_utc(statement.get("text", ""))
        except ValueError:
            return None
        statement.clear()
        return at

    def _recipient(self, scope: Scope) -> str | None:
        """Return whom an answer goes to by the declared rule."""
        named = (scope.get("filing", {}).get("representative"), scope.get("declarant"))
        found = next((one["identifier"] for one in named if one and one.get("identifier")), None)
        return str(found) if found else None

    def _request(self, one: Scope, mark: str) -> None:
        path = one.pop("path", None)
        if self._message.name == "CC351A":
            digits = (path or "").removeprefix("content[").removesuffix("]")
            if path == f"content[{digits}]" and digits.isascii() and digits.isdigit():
                one["#IteNumConCUSINT668"] = digits
            elif path:
                self.lost(f"{mark}path", "an intervention names a goods item only")
            return
        code, point, reason = str(one.get("code") or "").partition(":")
        if point:
            one["code"], one["#ErrReaER13"] = code, reason
        if path and not one.get("text"):
            one["text"] = path
            self.lost(f"{mark}text", "from the canonical path", "derived")
        if path:
            self.lost(f"{mark}path", "an error pointer is no canonical path")
