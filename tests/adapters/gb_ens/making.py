# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Records and documents made by chance: records that can be written, documents with every element."""

import random
import string
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from adapters.gb_ens.catalogue import MESSAGES, NAMESPACE
from adapters.gb_ens.spec import Leaf, spec
from gateway.sdk import (
    Address,
    Assessment,
    ContentPiece,
    Document,
    Filing,
    Item,
    LineFiling,
    Mass,
    Money,
    Party,
    Request,
    Statement,
    Transport,
    s10,
    xml,
)

ANSWERS = {name: one for name, one in MESSAGES.items() if one.outcome}
LETTERS = string.ascii_letters + string.digits + " .,'&<>\"-/äßé漢"


class Maker:
    """Chance with a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self, most: int, least: int = 1) -> str:
        """Return words without blanks around or beside each other."""
        letters = self.chance.choices(LETTERS, k=self.chance.randint(least, most))
        words = "".join(letters).split()
        return " ".join(words) or "x" * least

    def digits(self, count: int) -> str:
        """Return digits, the first not zero."""
        return str(self.chance.randint(10 ** (count - 1), 10**count - 1))

    def maybe(self, value):
        """Return a value or nothing."""
        return value if self.chance.random() < 0.7 else None

    def moment(self) -> datetime:
        """Return a time of whole minutes outside the nights when clocks change."""
        start = datetime(2022, 4, 2, tzinfo=UTC)
        return start + timedelta(minutes=self.chance.randrange(60 * 24 * 150))

    def mrn(self) -> str:
        """Return a number of the form of an MRN."""
        return f"26GB{''.join(self.chance.choices(string.ascii_uppercase + string.digits, k=13))}7"

    def office(self) -> str:
        """Return a customs office."""
        return f"GB{self.digits(6)}"

    def party(self, *, eori: bool) -> Party:
        """Return a party, with an EORI for certain if asked."""
        known = eori or self.chance.random() < 0.5
        address = Address(
            lines=self.text(35), city=self.text(35), postcode=self.text(9), country=self.maybe("DE") or "GB"
        )
        return Party(
            name=self.text(35),
            address=address,
            identifier=f"GB{self.digits(12)}" if known else None,
            identifier_scheme="EORI" if known else None,
        )

    def mass(self) -> Mass:
        """Return a mass in kilograms."""
        return Mass(value=Decimal(self.chance.randint(1, 10**9)).scaleb(-3), unit="KGM")

    def piece(self, number: int) -> ContentPiece:
        """Return a goods line that the format can carry whole."""
        code = self.maybe(self.digits(self.chance.choice([4, 6, 8])))
        documents = tuple(
            Document(kind="N" + self.digits(3), number=self.text(35)) for _ in range(self.chance.randrange(3))
        )
        statements = tuple(Statement(code=self.digits(5)) for _ in range(self.chance.randrange(3)))
        filing = LineFiling(
            package_type="CT",
            package_count=self.maybe(self.chance.randrange(99_999)),
            marks=self.maybe(self.text(140)),
            documents=documents,
            statements=statements,
        )
        return ContentPiece(
            number=number,
            description=self.maybe(self.text(280)),
            commodity_code=code,
            hs=code[: 6 if len(code) >= 6 else 4] if code else None,
            gross_mass=self.maybe(self.mass()),
            filing=filing,
        )

    def item(self) -> Item:
        """Return an item of which the declaration messages carry every value."""
        return Item(
            mrn=self.mrn(),
            ucr=self.maybe(self.text(70)),
            package_count=self.maybe(self.chance.randrange(9_999_999)),
            gross_mass=self.maybe(self.mass()),
            transport=Transport(
                mode=self.chance.choice(["1", "2", "3", "4", "8"]),
                means=self.text(27),
                voyage=self.maybe(self.text(35)),
                nationality=self.maybe("NL"),
            ),
            sender=self.maybe(self.party(eori=False)),
            addressee=self.maybe(self.party(eori=False)),
            declarant=self.party(eori=True),
            carrier=self.maybe(self.party(eori=True)),
            declaration_office=self.maybe(self.office()),
            filing=Filing(
                reference=self.text(22),
                loading_place="NL" + self.text(30),
                unloading_place=self.maybe("GB" + self.text(30)),
                first_entry_office=self.office(),
                specific_circumstance=self.maybe("A"),
                charges_payment=self.maybe("A"),
                declared_at=self.moment(),
                expected_at=self.moment(),
                container=self.maybe(self.text(17)),
                representative=self.maybe(self.party(eori=True)),
                notify=self.maybe(self.party(eori=False)),
            ),
            content=tuple(self.piece(number) for number in range(1, self.chance.randint(2, 4))),
        )

    def answer(self, name: str) -> Item:
        """Return an answer as an authority gives it."""
        whole, message = self.item(), MESSAGES[name]
        requests = tuple(self.request(name) for _ in range(self.chance.randint(1, 3)))
        filing = {
            "reference": whole.filing.reference,
            "declared_at": whole.filing.declared_at,
            "first_entry_office": whole.filing.first_entry_office,
        }
        if name in {"CC328A", "CC304A", "CC351A"}:
            filing["expected_at"] = whole.filing.expected_at
        if name in {"CC316A", "CC328A"}:
            del filing["declared_at"]
        if name == "CC316A":
            del filing["first_entry_office"]
        if name in {"CC304A", "CC305A"}:
            del filing["reference"]
        if name == "CC351A":
            at = self.moment().isoformat(timespec="milliseconds").replace("+00:00", "Z")
            filing["statements"] = (Statement(code="DecRegDatTimHEA115", text=at),)
        assessment = Assessment(
            reference=self.digits(14),
            authority="NICA.GB",
            phase=message.phase or None,
            outcome=message.outcome,
            decision_code=name,
            at=self.moment(),
            reason=self.maybe(self.text(350)) if name in {"CC316A", "CC305A"} else None,
            requests=requests if name in {"CC316A", "CC305A", "CC351A"} else (),
        )
        return Item(
            mrn=None if name == "CC316A" else whole.mrn,
            declarant=whole.declarant,
            filing=Filing(**filing),
            assessment=assessment,
        )

    def request(self, name: str) -> Request:
        """Return an error or an intervention."""
        if name == "CC351A":
            path = self.maybe(f"content[{self.chance.randint(1, 9)}]")
            return Request(code="A001", path=path, text=self.maybe(self.text(350)))
        return Request(code=self.chance.choice(["12", "13:C501", "90"]), text=self.text(210))

    def rich(self) -> Item:
        """Return an item that also holds what no declaration message carries, and values that must be cut."""
        whole = self.item()
        more = {
            "goods_value": Money(amount=Decimal("5.00"), currency="EUR"),
            "note": "x",
            "tracking_number": f"RR{(body := self.digits(8))}{s10.calc_check_digit(body)}NM",
            "destination_country": "GB",
        }
        values = {name: getattr(whole, name) for name in whole.__struct_fields__}
        piece = whole.content[0]
        fields = {name: getattr(piece, name) for name in piece.__struct_fields__}
        fields |= {
            "description": "y" * 300,
            "commodity_code": "9405210090",
            "hs": "940521",
            "origin_country": "NL",
            "gross_mass": Mass(value=Decimal("1.23456"), unit="KGM"),
        }
        identified = Party(name="z" * 40, identifier="91110000600037341L", identifier_scheme="USCI")
        values |= more | {"content": (ContentPiece(**fields), *whole.content[1:]), "sender": identified}
        return Item(**values)

    def document(self, name: str, share: float) -> tuple[bytes, int]:
        """Return a document with each optional element by chance, and the number of its leaves."""
        self.leaves = 0
        content = self._elements(spec(name, "xml"), name, share)
        body = xml.write(f"ie:{name}", content, attributes={"xmlns:ie": NAMESPACE + name}).body
        return body, self.leaves

    def _elements(self, container, name, share):
        made = []
        for one in container.places.values():
            if isinstance(one, Leaf):
                if one.must or self.chance.random() < share:
                    self.leaves += 1
                    made.append((one.tag, self._value(one, name)))
                continue
            count = max(one.least, int(self.chance.random() < share))
            if one.most != 1 and count:
                count = self.chance.randint(1, 3)
            made += [(one.tag, self._elements(one, name, share)) for _ in range(count)]
        return [(tag, inner) for tag, inner in made if inner]

    def _value(self, leaf, name):  # noqa: C901, PLR0911, PLR0912 - one case for each lexical type
        row = leaf.row
        if row.codes:
            return self.chance.choice(row.codes)
        if leaf.tag == "MesTypMES20":
            return name
        match row.converter:
            case "text":
                return self.text(row.length[1], row.length[0]).ljust(row.length[0], "x")
            case "digits" | "integer":
                most = row.length[1] if row.type == "C" else row.digits[0]
                least = row.length[0] if row.type == "C" else 1
                return "".join(self.chance.choices(string.digits, k=self.chance.randint(least, most)))
            case "decimal":
                return self.chance.choice(["+1.5", ".25", "7.", "00012.3400", "99999999.999", "0"])
            case "local_time":
                return self.moment().strftime("%Y%m%d%H%M")
            case "date6":
                return self.moment().strftime("%y%m%d")
            case "time4":
                return self.moment().strftime("%H%M")
            case "mrn":
                return self.mrn()
            case "office":
                return self.office()
            case "place":
                return "NL" + self.text(33).ljust(1, "x")
            case "tin":
                return "GB" + self.digits(12)
            case "capital_digits":
                return self.chance.choice(["A001", "B2", "C"])
        return "".join(self.chance.choices(string.ascii_uppercase, k=row.length[1]))
