# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One view becomes one document: a contribution for each thing that it says about the item.

The rules:

1. Declaration says the item, Response and DCResponse an assessment each, ReferralResponse an answer, Event an
   event. A Referral belongs to the Response, without one to the DCResponse.
2. Phase and outcome of a response are those of its Referral, else those of its decision code in the profile.
   An unknown code passes, with a warning and without a phase.
3. An item is known by its number and posting date; a second declaration of both repeats the first.
"""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.upu_cds.fields import CLOCK, ZONED, compiled
from adapters.upu_cds.profiles import Decision, Profile, Profiles, countries, soft_faults
from adapters.upu_cds.sections import Document, Flat, flatten, unmapped
from adapters.upu_cds.tree import VIEW, Frame, RawView
from gateway.sdk import (
    Assessment,
    Contribution,
    ContributionKind,
    DecodedDocument,
    Finding,
    Function,
    Item,
    finding,
    has_errors,
    hs,
    s10,
)

_KEYS = ("MailObject", "Declaration", "Response", "DCResponse", "Referral", "ReferralResponse", "Event")
_KINDS = {
    "DECLARATION": ContributionKind.POSTAL,
    "RESPONSE": ContributionKind.ASSESSMENT,
    "ANSWER": ContributionKind.ANSWER,
    "EVENT": ContributionKind.EVENT,
}
_SUBHEADING = 6
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")


def read_view(index: int, raw: RawView, frame: Frame, profiles: Profiles) -> DecodedDocument:
    """Read a view; its position counts from 1."""
    position, view = f"view {index}", raw.tree
    if not isinstance(view, dict):
        wrong = finding("CDS-FORM", path=f"{VIEW}[{index}]", position=position, expected="an object")
        return DecodedDocument(position=index, findings=(wrong,))
    reading = _Reading(view, profiles.by_name.get(frame.profile) or profiles.choose(countries(view)))
    reading.found += raw.findings
    reading.run()
    found = tuple(
        dataclasses.replace(
            one, path=f"{VIEW}[{index}]/{one.path}".rstrip("/"), position=one.position or position
        )
        for one in dict.fromkeys(reading.found)
    )
    contributions: tuple[Contribution, ...] = ()
    if not has_errors(found):
        function = Function(view.get("Function") or Function.NEW)
        contributions = tuple(_contribution(one, function, frame) for one in reading.said)
    return DecodedDocument(
        position=index,
        reference=reading.reference,
        echo=reading.echo,
        contributions=contributions,
        findings=found,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Said:
    """One record that a view says."""

    message_type: str
    reference: str
    item: Item


class _Reading:
    """One view on its way through the rules."""

    def __init__(self, view: Mapping[str, Any], profile: Profile) -> None:
        self._view = view
        self._profile = profile
        self.found: list[Finding] = []
        self.said: list[_Said] = []
        self.reference = ""
        self.echo: dict[str, str] = {}
        self._number = ""

    def run(self) -> None:
        """Read every record of the view."""
        view = self._view
        self.found += [
            finding("SCHEMA-UNKNOWN-FIELD", path=key) for key in view if key not in (*_KEYS, "Function")
        ]
        if view.get("Function") not in (None, *Function):
            self.found.append(finding("SCHEMA-CODE", path="Function", expected=", ".join(Function)))
        mail = {"MailObject": view.get("MailObject")}
        referral = {"Referral": view.get("Referral")}
        if view.get("Declaration") is not None:
            self._read("DECLARATION", mail | {"Declaration": view["Declaration"]})
        if view.get("Response") is not None or (referral["Referral"] and view.get("DCResponse") is None):
            self._read("RESPONSE", mail | referral | {"Response": view.get("Response")})
            referral = {}
        if view.get("DCResponse") is not None:
            self._read("RESPONSE", mail | referral | {"Response": view["DCResponse"]}, "dc|")
        for message_type, name in (("ANSWER", "ReferralResponse"), ("EVENT", "Event")):
            if view.get(name) is not None:
                self._read(message_type, mail | {name: view[name]})
        if not self.reference and not has_errors(self.found):
            self.found.append(finding("CDS-NOTHING", expected="one of " + ", ".join(_KEYS[1:])))
        if self.reference and _SHAPE.fullmatch(self._number) and not s10.is_valid(self._number):
            self.found.append(finding("CDS-S10-CHECK-DIGIT", path="MailObject/Id"))

    def _read(self, message_type: str, sections: Mapping[str, Any], mark: str = "") -> None:
        """Read one record of the view."""
        flat = flatten(message_type, sections)
        self.found += flat.findings
        if message_type == "RESPONSE":
            self._zone(flat.document)
        item, faults = compiled(message_type).decode(flat.document)
        self.found += [dataclasses.replace(one, position="") for one in faults]
        self._unmapped(message_type, flat)
        mail = flat.document.get("MailObject", [{}])[0]
        day = item.posting_date.isoformat() if item.posting_date else ""
        self._number = item.tracking_number or ""
        self.reference = self.reference or f"{self._number}|{day}"
        self.echo |= {
            key: mail[key].strip()[:64] for key in ("Id", "PostingDt") if mail.get(key, "").strip()
        } | {"Profile": self._profile.name}
        base = f"{self._number}|{day}"
        if message_type == "DECLARATION":
            self.echo["Declared"] = "true"
            self.found += soft_faults(self._profile, flat.document)
            item = with_hs(item)
        elif message_type == "RESPONSE" and item.assessment is None:
            self.found.append(finding("CDS-NOTHING", path="Response", expected="a decision"))
            return
        elif item.assessment is not None:
            self._state(flat.document)
            said = self._settled(item.assessment)
            item = msgspec.structs.replace(item, assessment=said)
            parts = (said.reference or base, said.phase, said.decision_code, said.referral)
            base = mark + "|".join(one or "" for one in parts)
        elif item.answer is not None:
            at = item.answer.at.isoformat() if item.answer.at else ""
            base = f"{base}|{item.answer.referral}|{item.answer.kind}|{at}"
        elif item.event is not None:
            event = msgspec.structs.replace(item.event, scheme=item.event.scheme or "EMSEVT")
            item = msgspec.structs.replace(item, event=event)
            base = f"{self._number}|{event.code}|{event.at.isoformat() if event.at else ''}"
        self.said.append(_Said(message_type, base, item))

    def _unmapped(self, message_type: str, flat: Flat) -> None:
        """Say once per record which fields the object knows and the canonical record has no place for."""
        names = list(flat.opaque)
        for group, entries in flat.document.items():
            if group == "MailObject" and message_type != "DECLARATION":
                continue
            quiet = unmapped(message_type, group)
            if group == "Response" and self._profile.states:
                quiet -= {"CDSStateCd"}
            names += [f"{group}/{name}" for entry in entries for name in entry if name in quiet]
        if names:
            actual = ", ".join(dict.fromkeys(names))
            self.found.append(finding("SCHEMA-UNMAPPED-FIELD", actual=actual))

    def _zone(self, document: Document) -> None:
        """Read a clearance time without zone in the zone of the profile."""
        for fields in document.get("Response", ()):
            text = fields.get("ClearanceDt", "").strip()
            if CLOCK.fullmatch(text) and not ZONED.fullmatch(text):
                fields["ClearanceDt"] = text + self._profile.zone
                self.found.append(
                    finding("CDS-ZONE", path="Response/ClearanceDt", expected=self._profile.zone)
                )

    def _state(self, document: Document) -> None:
        """Compare the state of a response with those that the profile knows."""
        state = document.get("Response", [{}])[0].get("CDSStateCd", "").strip()
        if state and self._profile.states and state not in self._profile.states:
            self.found.append(finding("CDS-STATE-UNKNOWN", path="Response/CDSStateCd", actual=state))

    def _settled(self, said: Assessment) -> Assessment:
        """Return the assessment with the phase and outcome of its decision code."""
        code = said.decision_code
        if code is None:
            return said
        decision = self._profile.decisions.get(code)
        if decision is None:
            if said.phase is None or said.outcome is None:
                self.found.append(finding("CDS-DECISION-UNKNOWN", path="Response/DecisionCd", actual=code))
            return said
        self._compare(said, decision)
        return msgspec.structs.replace(
            said, phase=said.phase or decision.phase, outcome=said.outcome or decision.outcome
        )

    def _compare(self, said: Assessment, decision: Decision) -> None:
        if decision.late:
            self.found.append(finding("CDS-LATE", path="Response/DecisionCd", actual=decision.meaning))
        if said.outcome and decision.outcome and said.outcome != decision.outcome:
            self.found.append(
                finding("CDS-OUTCOME-DIFFERS", path="Referral/Outcome", expected=decision.outcome)
            )


def _contribution(one: _Said, function: Function, frame: Frame) -> Contribution:
    return Contribution(
        kind=_KINDS[one.message_type],
        function=function,
        reference=one.reference,
        keys=(f"trk:{one.item.tracking_number}",),
        item=one.item,
        guid=frame.message_id,
    )


def with_hs(item: Item) -> Item:
    """Add the heading or subheading of every commodity code that is one of the Harmonized System."""
    content = tuple(
        msgspec.structs.replace(one, hs=code[:_SUBHEADING])
        if (code := one.commodity_code) and hs.is_valid(code)
        else one
        for one in item.content
    )
    return msgspec.structs.replace(item, content=content) if content else item
