# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Random canonical records with invented contents, for every message that the adapter writes."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateway.sdk import (
    Address,
    Answer,
    Assessment,
    ContentPiece,
    Control,
    Dispatch,
    Document,
    Filing,
    FiscalReference,
    Item,
    LineFiling,
    Mass,
    Money,
    Party,
    PostalService,
    Receptacle,
    Request,
    Screening,
    Statement,
    TariffCode,
    s10,
)

LETTERS = "abcdefghij ABCDEFGHIJ0123456789äöüßéЖ中文&<>\"'%{}-"
COUNTRIES = ("CN", "DE", "FR", "JP", "US", "XX")
MESSAGES = (
    *("postal_house", "postal_master", "IE4Q10", "IE4R05", "IE4N03", "IE4S01", "IE4S02", "IE4S03"),
    *("IE4Q04", "IE4Q05", "IE4R02", "IE4R03"),
)


class Maker:
    """Makes records; everything comes from one source of random numbers."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.head = self._head()

    def text(self, most: int) -> str:
        """Return a text without blanks at its ends."""
        made = "".join(self.dice.choices(LETTERS, k=self.dice.randint(1, most)))
        return made.strip() or "x"

    def code(self, most: int = 3) -> str:
        """Return a code of capital letters."""
        return "".join(self.dice.choices("ABCDEFG", k=self.dice.randint(1, most)))

    def maybe(self, value: object) -> object:
        """Return the value or nothing."""
        return value if self.dice.random() < 0.6 else None

    def number(self, whole: int, places: int) -> Decimal:
        """Return a positive number."""
        return Decimal(self.dice.randint(1, 10 ** (whole + places) - 1)).scaleb(-places)

    def tracking(self) -> str:
        """Return an S10 identifier with its right check digit."""
        serial = f"{self.dice.randint(0, 99_999_999):08d}"
        return f"LX{serial}{s10.calc_check_digit(serial)}XX"

    def moment(self) -> datetime:
        """Return a moment of the year, to the second."""
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.dice.randint(0, 31_000_000))

    def party(self, *, person: bool = True) -> Party:
        """Return a party with all that is mandatory and some of the rest."""
        address = Address(
            lines=self.maybe(self.text(70)),
            city=self.text(35),
            subdivision=self.maybe(self.text(35)),
            postcode=self.maybe(self.text(17)),
            country=self.dice.choice(COUNTRIES),
            number=self.maybe(self.text(9)),
            post_office_box=self.maybe(self.text(9)),
        )
        return Party(
            name=self.text(70),
            identifier=self.maybe(self.code(9)),
            address=address,
            telephone=self.maybe("+10000"),
            email=self.maybe("a@b.example"),
            person_type=self.maybe("2") if person else None,
        )

    def piece(self, number: int) -> ContentPiece:
        """Return a goods line."""
        heading = f"{self.dice.randint(0, 999_999):06d}"
        codes = (TariffCode(scheme="CN", code=heading + "10"),) if self.dice.random() < 0.3 else ()
        filing = LineFiling(cus_code=self.maybe(self.code()), package_count=self.maybe(2), tariff_codes=codes)
        return ContentPiece(
            number=number,
            description=self.text(512),
            hs=heading,
            origin_country=self.maybe(self.dice.choice(COUNTRIES)),
            net_mass=self.maybe(Mass(value=self.number(4, 3), unit="KGM")),
            value=self.maybe(Money(amount=self.number(5, 2), currency="EUR")),
            filing=filing if filing != LineFiling() else None,
        )

    def item(self, message: str) -> Item:
        """Return an item as a filing or a reply holds it."""
        statements = tuple(
            Statement(code=self.code(), text=self.text(100)) for _ in range(self.dice.randint(0, 2))
        )
        fiscal = (FiscalReference(role="FR5", identifier=self.code(9)),) if self.dice.random() < 0.3 else ()
        in_reply = message == "IE4R05"
        return Item(
            tracking_number=self.tracking(),
            mrn=self.maybe("26XX1234567890ABC1") if in_reply else None,
            ucr=self.maybe(self.code(20)),
            postage=self.maybe(Money(amount=self.number(3, 2), currency="CNY")),
            gross_mass=Mass(value=self.number(3, 3), unit="KGM"),
            sender=self.party(),
            addressee=self.party(),
            documents=tuple(
                Document(kind="N325", number=self.code(9)) for _ in range(self.dice.randint(0, 2))
            ),
            filing=Filing(fiscal_references=fiscal, statements=statements) if fiscal or statements else None,
            content=tuple(self.piece(one) for one in range(1, self.dice.randint(2, 4))),
            postal=self.maybe(PostalService(receptacle=self.code(9))) if in_reply else None,
        )

    def _head(self) -> dict[str, object]:
        """Return what all records of one message share."""
        return {"reference": self.code(20), "authority": "DE", "at": self.moment()}

    def record(self, message: str) -> Item:
        """Return a record that the message takes."""
        if message in {"postal_house", "IE4R05"}:
            return self.item(message)
        if message == "IE4Q10":
            return Item(tracking_number=self.tracking())
        if message == "postal_master":
            return self._master()
        if message == "IE4S03":
            return self._control(office="XX000001", method=self.code(), result_code=self.code())
        if message in {"IE4R02", "IE4R03"}:
            return self._answer(message)
        return self._assessment(message)

    def records(self, message: str) -> list[Item]:
        """Return records for one message, several where it takes several."""
        self.head = self._head()
        several = self.dice.randint(1, 3) if message not in {"IE4Q10", "IE4N03", "postal_master"} else 1
        made = [self.record(message) for _ in range(several)]
        if message in {"IE4S01", "IE4S02"} and made[0].assessment and not made[0].tracking_number:
            return made[:1]
        return made

    def _master(self) -> Item:
        bags = tuple(Receptacle(number=self.code(29)) for _ in range(self.dice.randint(1, 4)))
        return Item(
            ucr=self.maybe(self.code(9)),
            carrier=Party(
                name=self.text(70),
                identifier=self.code(9),
                address=self.party().address,
                telephone=self.maybe("+1"),
            ),
            sender=self.party(),
            addressee=self.party(),
            dispatch=Dispatch(
                consignment=self.code(20), departure_place="CNSHA", arrival_place="DEFRA", receptacles=bags
            ),
        )

    def _control(self, **fields: str) -> Item:
        control = Control(
            text=self.maybe(self.text(90)), **{k: self.head[k] for k in ("reference", "at")}, **fields
        )
        mrn = "26XX1234567890ABC1" if "office" in fields else None
        return Item(tracking_number=self.tracking(), mrn=mrn, control=control)

    def _answer(self, message: str) -> Item:
        screening = message == "IE4R03"
        answer = Answer(
            referral=self.code(17),
            kind="screening" if screening else "data",
            at=self.head["at"],
            text=self.maybe(self.text(90)),
            by=self.text(20) if screening else None,
            result="CL726:SCC" if screening else None,
            screenings=(Screening(method="XRY"), Screening(method="ETD")) if screening else (),
        )
        filer = Party(identifier="XX1")
        return Item(tracking_number=self.tracking(), mrn="26XX1234567890ABC1", declarant=filer, answer=answer)

    def _assessment(self, message: str) -> Item:
        kinds = {"IE4S01": ("control", "dnl", "referral"), "IE4S02": ("control", "dnl"), "IE4N03": ("hit",)}
        kind = self.dice.choice(kinds.get(message, ("referral",)))
        if kind == "control":
            return self._control(stage="DES")
        if kind == "hit":
            return Item(assessment=Assessment(**self.head, decision_code="IE4N03"))
        if kind == "dnl":
            return Item(tracking_number=self.tracking(), assessment=Assessment(**self.head, outcome="dnl"))
        asks = () if message == "IE4Q05" else (Request(code=self.code(), text=self.text(40)),)
        ways = () if message == "IE4Q04" else (Screening(method="XRY"),)
        assessment = Assessment(
            **self.head,
            outcome=self.dice.choice(("rfi", "rfs", "amend")),
            referral=self.code(17),
            requests=asks,
            screenings=ways,
        )
        customs_side = message in {"IE4Q04", "IE4Q05"}
        return Item(
            tracking_number=self.tracking(),
            mrn="26XX1234567890ABC1" if customs_side else None,
            declarant=Party(identifier="XX1") if customs_side else None,
            assessment=assessment,
        )
