# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Random documents made by walking the official XSDs, so that decode meets all that the schema allows.

A model of each schema is read once with lxml (elements, occurrence, facets, attributes); documents are drawn
from it. It covers what these schemas use: sequences, choices of one date form, simple content.
"""

import functools
import random
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "schemas"
FOLDER = SCHEMAS / "uk_cds" / "public" / "api" / "conf" / "3.0" / "schemas" / "wco"
META = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TEXT = _LETTERS + "0123456789 .,-/&<>'\"äßéЖ中"


@dataclass
class Simple:
    """The facets of a value and its attributes."""

    base: str = "string"
    facets: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)
    attributes: dict[str, "Simple"] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)


@dataclass
class Element:
    """An element of the schema."""

    name: str
    space: str
    low: int
    high: int
    value: Simple | None = None
    children: list["Element"] = field(default_factory=list)


class Model:
    """The elements of one schema set, read from its files."""

    def __init__(self, folder: Path, body: str, root: str) -> None:
        """Read all files and the tree below the root element."""
        self.types = {}
        self.spaces = {}
        for file in sorted(folder.rglob("*.xsd")):
            schema = etree.parse(str(file)).getroot()
            for one in schema:
                if one.tag in {XS + "complexType", XS + "simpleType"}:
                    self.types[schema.get("targetNamespace"), one.get("name")] = one
                self.spaces[one] = schema.get("targetNamespace")
        schema = etree.parse(str(folder / body)).getroot()
        self.root = self._element(
            next(one for one in schema if one.get("name") == root and one.tag == XS + "element")
        )

    def _type(self, name: str, at):
        prefix, _, local = name.rpartition(":")
        return at.nsmap.get(prefix or None), local

    def _element(self, node) -> Element:
        high = node.get("maxOccurs", "1")
        space = node.getroottree().getroot().get("targetNamespace")
        made = Element(
            node.get("name"),
            space,
            int(node.get("minOccurs", "1")),
            3 if high == "unbounded" else min(int(high), 3),
        )
        kind = node.find(XS + "complexType")
        if kind is None:
            key = self._type(node.get("type"), node)
            kind = self.types.get(key)
            if kind is None:
                made.value = Simple(base=key[1])
                return made
        holder = kind.find(XS + "sequence")
        holder = kind.find(XS + "choice") if holder is None else holder
        if holder is None:
            made.value = self._simple(kind)
        else:
            made.children = [
                self._element(one) for one in holder if one.tag == XS + "element" and one.get("name")
            ]
        return made

    def _simple(self, kind) -> Simple:
        step = next(kind.iter(XS + "restriction", XS + "extension"))
        key = self._type(step.get("base"), step)
        below = self.types.get(key)
        made = self._simple(below) if below is not None else Simple(base=key[1])
        for one in step:
            name = one.tag.removeprefix(XS)
            if name == "enumeration":
                made.codes.append(one.get("value"))
            elif name == "pattern":
                made.patterns.append(one.get("value"))
            elif name == "attribute":
                if one.get("use") == "prohibited":
                    made.attributes.pop(one.get("name"), None)
                    continue
                inner = self.types.get(self._type(one.get("type"), one))
                kind = self._type(one.get("type"), one)[1]
                made.attributes[one.get("name")] = (
                    self._simple(inner) if inner is not None else Simple(base=kind)
                )
                if one.get("use") == "required":
                    made.required.add(one.get("name"))
            elif one.get("value"):
                made.facets[name] = one.get("value")
        return made


@functools.cache
def model(name: str) -> Model:
    """Return the model of DEC or RES."""
    if name == "DEC":
        return Model(FOLDER / "declaration", "WCO_DEC_2_DMS.xsd", "Declaration")
    return Model(FOLDER / "notification", "WCO_RES_2_DMS.xsd", "Response")


@functools.cache
def schema(name: str) -> etree.XMLSchema:
    """Return the validator that the project's driver gives."""
    driver = SCHEMAS / "uk_cds" / "drivers" / f"{name.lower()}_envelope.xsd"
    return etree.XMLSchema(etree.parse(str(driver)))


def document(name: str, draw: random.Random, density: float) -> bytes:
    """Return a random valid envelope; `density` is the chance that something optional is there."""
    top = etree.Element(f"{{{META}}}MetaData")
    if draw.random() < density:
        etree.SubElement(top, f"{{{META}}}WCODataModelVersionCode").text = "3.6"
    for _ in range(1 if name == "DEC" else draw.randint(1, 3)):
        _fill(model(name).root, top, draw, density)
    return etree.tostring(top)


def _fill(element: Element, above, draw: random.Random, density: float) -> None:
    made = etree.SubElement(above, f"{{{element.space}}}{element.name}")
    if element.value is not None:
        made.text = text(element.value, draw)
        for name, kind in element.value.attributes.items():
            if name in element.value.required or draw.random() < density / 4:
                made.set(name, text(kind, draw))
    for child in element.children:
        count = child.low
        while count < child.high and draw.random() < density:
            count += 1
        for _ in range(count):
            _fill(child, made, draw, density)


def text(kind: Simple, draw: random.Random) -> str:  # noqa: C901, PLR0911 - one line per kind of value
    """Return a random value of a simple type, now and then in an unusual spelling."""
    if kind.codes:
        return draw.choice(kind.codes)
    if kind.base in {"language", "anyURI"}:
        return "en" if kind.base == "language" else "urn:example:list"
    most = int(kind.facets.get("length") or kind.facets.get("maxLength") or 12)
    if kind.base == "decimal":
        return _decimal(kind, draw)
    pattern = kind.patterns[-1] if kind.patterns else ""
    if pattern.startswith("(20"):
        return _date(draw)
    least = int(kind.facets.get("length") or 1)
    size = most if draw.random() < 0.1 else draw.randint(least, min(most, 20)) if most > least else least
    if "0-9" in pattern:
        return "".join(draw.choice("0123456789") for _ in range(size))
    if pattern == "[A-Z]{3}":
        return "".join(draw.choice(_LETTERS[:26]) for _ in range(3))
    if "a-z" in pattern:
        return "".join(draw.choice(_LETTERS) for _ in range(size))
    made = "".join(draw.choice(_TEXT) for _ in range(size if most else 0))
    if pattern == ".{1,3}":
        return made[:3]
    if not made.strip():
        made = draw.choice(_LETTERS) + made[1:]
    if kind.base == "token" and draw.random() < 0.05:
        return f"  {made}  "
    return made


def _decimal(kind: Simple, draw: random.Random) -> str:
    total, fraction = int(kind.facets.get("totalDigits", 9)), int(kind.facets.get("fractionDigits", 4))
    places = draw.randint(0, fraction)
    whole = "".join(draw.choice("0123456789") for _ in range(draw.randint(1, total - fraction)))
    made = f"{whole}.{''.join(draw.choice('0123456789') for _ in range(places))}" if places else whole
    match draw.randint(0, 19):
        case 0:
            return f"+{made}"
        case 1:
            return f"-{made}"
        case 2:
            return f"  {made}\n"
        case 3:
            return f"{made}." if "." not in made else f"{made}0".rstrip("0") + "0" * (fraction > 0)
        case 4:
            return f"0{made}"
    return made


def _date(draw: random.Random) -> str:
    if draw.random() < 0.1:
        return "20261345" if draw.random() < 0.5 else "20261345997799+99"
    day = f"20{draw.randint(0, 99):02d}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
    if draw.random() < 0.4:
        return day
    clock = f"{draw.randint(0, 23):02d}{draw.randint(0, 59):02d}{draw.randint(0, 59):02d}"
    return f"{day}{clock}{draw.choice(['Z', '+00', '+08', '-05', '+14', '-12'])}"
