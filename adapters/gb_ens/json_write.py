# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Elements as JSON, and what the JSON Schemas ask beyond the XML: closed lists, whole addresses, counts."""

import functools
import hashlib
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from adapters.gb_ens.catalogue import JSON, Message, pointers, table
from adapters.gb_ens.times import write_utc
from adapters.gb_ens.writing import Elements
from gateway.sdk import Finding, Loss, finding

# Closed lists of the JSON Schemas of the store and of the intervention service.
_CODES = {
    "TraModAtBorHEA76": ("1", "2", "3", "4", "8", "10", "11"),
    "SpeCirIndHEA1": ("A", "C", "D", "E"),
    "TraChaMetOfPayHEA1": ("A", "B", "C", "D", "H", "Y", "Z"),
    "MetOfPayGDI12": ("A", "B", "C", "D", "H", "Y", "Z"),
    "CusIntCodCUSINT665": ("A001",),
}
_LODGED_BY = "TINPLD1"  # carried as metadata/senderEORI
_INTEGERS = frozenset({"TotNumOfIteHEA305", "TotNumOfPacHEA306"})
_ADDRESS = frozenset({"streetAndNumber", "city", "postalCode", "countryCode"})
_MEANS = "identityOfMeansOfCrossingBorder"
_MAX_ITEMS, _MAX_ERRORS = 999, 999
_MESSAGE = frozenset(
    {"MesSenMES3", "MesRecMES6", "DatOfPreMES9", "TimOfPreMES10", "MesIdeMES19", "MesTypMES20"}
)


class JsonWriting:
    """One message on its way from elements to JSON."""

    def __init__(self, message: Message, position: str) -> None:
        """Start with nothing written."""
        self.losses: list[Loss] = []
        self.found: list[Finding] = []
        self._message, self._position = message, position
        self._pointers = pointers(message.name)
        self._paths = canonical(message.name)
        self._whole: dict[str, Any] = {}
        self._trader = ""

    def body(self, elements: Elements, now: datetime) -> bytes:
        """Return the bytes of a message; empty if a finding forbids them."""
        flat = dict(elements)
        if self._message.outcome and flat.get("MesSenMES3"):
            self._lose("MesSenMES3", "the JSON form does not name the authority")
        self._trader = flat.get("MesRecMES6" if self._message.outcome else "MesSenMES3", "")
        self._walk([one for one in elements if one[0] not in _MESSAGE], "", ())
        for required in ("parties", "goods", "itinerary"):
            if self._message.name in {"CC315A", "CC313A", "CC351A"}:
                self._whole.setdefault(required, {})
        self._parties()
        self._counts()
        whole = self._whole
        digest = hashlib.sha256(msgspec.json.encode([whole, write_utc(now)])).digest()
        eori, _, branch = self._trader.partition("/")
        if not 3 <= len(eori) <= 17:  # noqa: PLR2004 - limits of the key
            self._add("SCHEMA-MISSING", "/metadata/senderEORI", "the EORI of the declarant")
        metadata = {
            "senderEORI": eori,
            "senderBranch": branch,
            "preparationDateTime": write_utc(now),
            "messageType": self._message.json_name,
            "messageIdentification": flat.get("MesIdeMES19", ""),
            "receivedDateTime": write_utc(now),
            "correlationId": digest.hex()[:14].upper(),
            **whole.get("metadata", {}),
        }
        submission = str(uuid.UUID(bytes=digest[:16], version=5))
        return msgspec.json.encode(
            {
                "submissionId": submission,
                "metadata": metadata,
                **{one: whole[one] for one in whole if one != "metadata"},
            }
        )

    def _walk(self, elements: Elements, path: str, at: tuple[int, ...]) -> None:
        counts: dict[str, int] = {}
        for tag, inner in elements:
            below = f"{path}/{tag}" if path else tag
            if not isinstance(inner, list):
                self._put(tag, below, inner, at)
                continue
            listed = f"{below}[]"
            if any(one.startswith(f"{listed}/") for one in self._pointers):
                number = counts.get(tag, 0)
                counts[tag] = number + 1
                self._walk(inner, listed, (*at, number))
            else:
                self._walk(inner, below, at)

    def _put(self, tag: str, path: str, text: str, at: tuple[int, ...]) -> None:
        pointer = self._pointers.get(path)
        if pointer is None:
            if tag == _LODGED_BY and text == self._trader.partition("/")[0]:
                return
            self._lose(path, "no key in the JSON form")
            return
        if tag in _CODES and text not in _CODES[tag]:
            self._add("SCHEMA-CODE", f"/{pointer}", ", ".join(_CODES[tag]), text)
        if tag in {"TotGroMasHEA307", "GroMasGDS46"} and not text.replace(".", "", 1).isdigit():
            self._add("SCHEMA-FORMAT", f"/{pointer}", "a mass without a sign", text)
        place: Any = self._whole
        numbers = iter(at)
        *steps, last = pointer.split("/")
        for step in steps:
            place = _step(place, step, numbers)
        if last.endswith("[]"):
            place.setdefault(last.removesuffix("[]"), []).append(text)
        else:
            place[last] = int(text) if tag in _INTEGERS else text

    def _parties(self) -> None:
        """A trader is a name with a whole address, or an EORI, or both; less is left out and told."""
        for role, trader in list(self._whole.get("parties", {}).items()):
            whole = "name" in trader and trader.get("address", {}).keys() >= _ADDRESS
            if whole:
                continue
            if "eori" in trader and len(trader) == 1:
                continue
            if "eori" in trader:
                self._whole["parties"][role] = {"eori": trader["eori"]}
            else:
                del self._whole["parties"][role]
            if trader:
                detail = "a trader has name and whole address, or the EORI alone"
                told = {"name": trader.get("name"), **trader.get("address", {})}
                for element, pointer in self._pointers.items():
                    key = pointer.removeprefix(f"parties/{role}/")
                    if key != pointer and told.get(key.rpartition("/")[2]):
                        self._lose(element, detail)

    def _counts(self) -> None:
        way = self._whole.get("itinerary", {})
        if "identity" not in way.get(_MEANS, {"identity": ""}):
            del way[_MEANS]
            for element in ("HEAHEA/NatOfMeaOfTraCroHEA87", "HEAHEA/NatHEA001"):
                self._lose(element, "a nationality stands beside an identity only")
        office = way.get("officeOfFirstEntry")
        if office is not None and "expectedDateTimeOfArrival" not in office:
            path = "/itinerary/officeOfFirstEntry/expectedDateTimeOfArrival"
            self._add("SCHEMA-MISSING", path, "a time; canonical field filing.expected_at")
        goods = self._whole.get("goods", {}).get("goodsItems", ())
        if len(goods) > _MAX_ITEMS:
            self._add("SCHEMA-COUNT", "/goods/goodsItems", f"at most {_MAX_ITEMS}", str(len(goods)))
        if self._message.name in {"CC316A", "CC305A"}:
            errors = self._whole.get("response", {}).get("functionalError", ())
            if not 1 <= len(errors) <= _MAX_ERRORS:
                expected = f"1 to {_MAX_ERRORS}; canonical field assessment.requests"
                self._add("SCHEMA-COUNT", "/response/functionalError", expected, str(len(errors)))

    def _lose(self, path: str, detail: str) -> None:
        """Note that the value of an element is not in the JSON."""
        canonical_path = self._paths.get(path.replace("[]", ""), "")
        if canonical_path:
            self.losses.append(Loss(kind="lost", path=canonical_path, outside_path=path, detail=detail))

    def _add(self, code: str, path: str, expected: str, actual: str = "") -> None:
        self.found.append(finding(code, path=path, position=self._position, expected=expected, actual=actual))


@functools.cache
def canonical(name: str) -> Mapping[str, str]:
    """Return the canonical path of each element of a message that has one."""
    found = {
        f"{group.name}/{row.outside}" if group.name else row.outside: row.path
        for group in table(name, JSON).groups
        for row in group.rows
        if row.outside and row.path
    }
    return {**found, "MesSenMES3": "assessment.authority"}


def _step(place: Any, step: str, numbers: Iterator[int]) -> Any:
    """Return the object one step below, made where it is not yet there."""
    if not step.endswith("[]"):
        return place.setdefault(step, {})
    entries = place.setdefault(step.removesuffix("[]"), [])
    number = next(numbers)
    while len(entries) <= number:
        entries.append({})
    return entries[number]
