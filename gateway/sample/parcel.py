# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One invented parcel with everything that its four messages say of it."""

import functools
import random
import tomllib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

CENT = Decimal("0.01")
GRAM = Decimal("0.001")
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
INDICATORS = ("LX", "LB", "LZ", "EA", "RB", "CX")
POSTAL_SHARE = 0.85
CHECK_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
SERIALS = 100_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One goods line; mass in kg for one piece."""

    number: int
    code: str
    name: str
    model: str
    unit: str
    quantity: int
    price: Decimal
    mass: Decimal

    @property
    def total(self) -> Decimal:
        """Return the value of the line."""
        return self.price * self.quantity

    @property
    def net(self) -> Decimal:
        """Return the net mass of the line."""
        return self.mass * self.quantity


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel; codes are those of CEB messages unless named otherwise."""

    index: int
    guids: tuple[str, str, str]
    day: date
    country: str
    country_code: str
    tracking: str
    order_number: str
    list_reference: str
    carrier: tuple[str, str]
    seller: tuple[str, str]
    platform: tuple[str, str]
    agent: tuple[str, str]
    sender_city: str
    sender_street: str
    sender_telephone: str
    addressee: str
    street: str
    city: str
    postcode: str
    telephone: str
    freight: Decimal
    lines: tuple[Line, ...]

    @property
    def net(self) -> Decimal:
        """Return the net mass of the parcel."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def gross(self) -> Decimal:
        """Return the net mass with packing."""
        return (self.net * Decimal("1.08") + Decimal("0.03")).quantize(GRAM)

    @property
    def value(self) -> Decimal:
        """Return the value of all lines."""
        return sum((line.total for line in self.lines), Decimal(0))


@functools.cache
def tables() -> Mapping[str, Any]:
    """Return the tables of countries, goods and people, read once."""
    folder = Path(__file__).parent / "data"
    found: dict[str, Any] = dict(tomllib.loads((folder / "people.toml").read_text("utf-8")))
    for name in ("destinations", "goods"):
        found[name] = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))["rows"]
    return found


def s10(indicator: str, serial: int, country: str) -> str:
    """Return a UPU S10 identifier with its check digit (weights 8 6 4 2 3 5 9 7, modulus 11)."""
    digits = f"{serial % SERIALS:08d}"
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, CHECK_WEIGHTS, strict=True)) % 11
    return f"{indicator}{digits}{ {10: 0, 11: 5}.get(rest, rest) }{country}"


class ParcelMaker:
    """Makes one parcel after another from one source of randomness; the index keeps numbers unique."""

    def __init__(self, chance: random.Random, destinations: Sequence[str], day: date) -> None:
        """Choose the countries; an empty choice means all of the table."""
        self._chance = chance
        rows = [row for row in tables()["destinations"] if not destinations or row["country"] in destinations]
        self._countries = rows
        self._weights = [row["weight"] for row in rows]
        self._first_serial = chance.randrange(SERIALS)
        self._day = day

    def make(self, index: int) -> Parcel:
        """Return the parcel with this running number."""
        chance, data = self._chance, tables()
        country = chance.choices(self._countries, self._weights)[0]
        day = self._day + timedelta(days=index // 5000 % 28)
        postal = chance.random() < POSTAL_SHARE
        serial = self._first_serial + index
        tracking = s10(chance.choice(INDICATORS), serial, "CN") if postal else f"SX{serial:014d}"
        firms, given, surnames = data["firms"], data["given"]["all"], data["surnames"][country["people"]]
        city = chance.choice(firms["cities"])
        seller = city + chance.choice(firms["names"]) + chance.choice(firms["trades"]) + "有限公司"
        return Parcel(
            index=index,
            guids=(self._guid(), self._guid(), self._guid()),
            day=day,
            country=country["country"],
            country_code=country["code"],
            tracking=tracking,
            order_number=f"SO{day:%Y%m%d}{serial:010d}",
            list_reference=f"CN{day:%y%m%d}{serial:010d}",
            carrier=("1100000001", "样例邮政速递有限公司")
            if postal
            else ("4400000002", "样例国际货运有限公司"),
            seller=(f"4403{chance.randrange(10**6):06d}", seller),
            platform=("3301960001", "样例跨境电商平台有限公司"),
            agent=("4401980003", "样例报关服务有限公司"),
            sender_city=city,
            sender_street=f"{chance.choice(firms['roads'])}{chance.randrange(1, 900)}号",
            sender_telephone=f"0755{chance.randrange(10**8):08d}",
            addressee=f"{chance.choice(given)} {chance.choice(surnames)}",
            street=f"{chance.randrange(1, 250)} {chance.choice(data['streets']['all'])}",
            city=chance.choice(country["cities"]),
            postcode=self._postcode(country["postcode"]),
            telephone=f"+{chance.randrange(10**10, 10**11)}",
            freight=Decimal(chance.randrange(800, 6000)) / 100,
            lines=self._lines(),
        )

    def _lines(self) -> tuple[Line, ...]:
        """Return one to five lines, mostly one; price and mass vary about those of the goods."""
        chance = self._chance
        count = chance.choices((1, 2, 3, 4, 5), (50, 25, 13, 8, 4))[0]
        lines = []
        for number, goods in enumerate(chance.sample(tables()["goods"], count), 1):
            price = (Decimal(goods["price"]) * chance.randrange(80, 121) / 100).quantize(CENT)
            mass = max(GRAM, (Decimal(goods["mass"]) * chance.randrange(90, 111) / 100).quantize(GRAM))
            quantity = chance.choices((1, 2, 3, 5), (70, 18, 8, 4))[0]
            lines.append(
                Line(
                    number, goods["code"], goods["name"], goods["model"], goods["unit"], quantity, price, mass
                )
            )
        return tuple(lines)

    def _postcode(self, shape: str) -> str:
        """Return a post code of a shape: # digit, @ letter."""
        return "".join(
            str(self._chance.randrange(10))
            if one == "#"
            else self._chance.choice(LETTERS)
            if one == "@"
            else one
            for one in shape
        )

    def _guid(self) -> str:
        """Return a guid in capitals."""
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4)).upper()
