# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What identifies a document, and what follows from it without being said."""

import functools

import msgspec

from adapters.upu_edi.catalogue import Entry
from adapters.upu_edi.fields import LISTS_AS_OF
from gateway.sdk import (
    ContentPiece,
    ContributionKind,
    Finding,
    Item,
    Loss,
    finding,
    hs,
    impc,
    load_codelist,
    s8,
    s9,
    s10,
)

_SUBHEADING = 6
_CODE_RULE = "EDI-ITEM-45"
_POSTAL_LISTS = ("mail_class", "mail_category", "mail_subclass")


def completed(item: Item, entry: Entry, position: str) -> tuple[Item, list[Finding]]:
    """Add what the message says by being what it is, and judge the identifiers; data are never dropped."""
    found: list[Finding] = []
    if entry.kind is ContributionKind.DISPATCH and item.dispatch is not None:
        item = msgspec.structs.replace(
            item, dispatch=msgspec.structs.replace(item.dispatch, stage=entry.stage)
        )
    if entry.kind is ContributionKind.EVENT and item.event is not None:
        item = msgspec.structs.replace(item, event=msgspec.structs.replace(item.event, scheme="EMSEVT"))
        if item.event is not None and item.event.code == "EME" and not item.event.retention_reason:
            found.append(finding("UPU-EDI-RETENTION", path="event.retention_reason", position=position))
    if item.content:
        item = msgspec.structs.replace(item, content=tuple(_with_hs(one) for one in item.content))
    there = item.addressee.address.country if item.addressee and item.addressee.address else None
    if there and item.destination_country is None:
        item = msgspec.structs.replace(item, destination_country=there)
        found.append(finding("UPU-EDI-DERIVED", path="destination_country", position=position, actual=there))
    return item, [*found, *_judged(item, position)]


def plain(item: Item, entry: Entry) -> Item:
    """Return an item without what the message says by being what it is."""
    if item.dispatch is not None and item.dispatch.stage == entry.stage:
        item = msgspec.structs.replace(item, dispatch=msgspec.structs.replace(item.dispatch, stage=None))
    if item.event is not None and item.event.scheme == "EMSEVT":
        item = msgspec.structs.replace(item, event=msgspec.structs.replace(item.event, scheme=None))
    if item.content:
        item = msgspec.structs.replace(item, content=tuple(_without_hs(one) for one in item.content))
    return item


def derived(item: Item) -> list[Loss]:
    """Tell where reading gives another heading than the record says: it takes it from the commodity code."""
    for piece in item.content:
        if piece.hs and _with_hs(_without_hs(piece)).hs != piece.hs:
            detail = "a reader takes it from the first six digits of content[].commodity_code"
            return [Loss(kind="derived", path="content[].hs", rule=_CODE_RULE, detail=detail)]
    return []


def keys(item: Item) -> tuple[str, ...]:
    """Return the business keys of a document."""
    found = [f"trk:{item.tracking_number}"] if item.tracking_number else []
    if item.dispatch is not None and item.dispatch.number:
        found.append(f"dsp:{item.dispatch.number}")
    if item.mrn:
        found.append(f"mrn:{item.mrn}")
    return tuple(found)


def reference(item: Item, number_of_message: str, message: str) -> str:
    """Return what names a document for its sender; what different messages say of one thing stays apart."""
    number = item.tracking_number or ""
    if item.event is not None:
        at = item.event.at.isoformat() if item.event.at else ""
        return f"{number}|{item.event.code}|{at}"
    if item.assessment is not None:
        said = item.assessment
        asked = said.referral or said.reference or ""
        return f"{message}|{number}|{said.phase or ''}|{asked}|{said.outcome or ''}"
    if item.answer is not None:
        return f"{number}|{item.answer.referral or ''}|{number_of_message}"
    if item.dispatch is not None:
        return f"{message}|{item.dispatch.number or ''}"
    return f"{number}|{item.posting_date or ''}"


def _with_hs(piece: ContentPiece) -> ContentPiece:
    """Add the subheading of a commodity code."""
    code = piece.commodity_code
    return msgspec.structs.replace(piece, hs=code[:_SUBHEADING]) if code and hs.is_valid(code) else piece


def _without_hs(piece: ContentPiece) -> ContentPiece:
    """Leave out what the commodity code says by itself; a heading alone becomes the code."""
    code = piece.commodity_code or piece.hs
    kept = None if (code or "").startswith(piece.hs or "") else piece.hs
    return msgspec.structs.replace(piece, commodity_code=code, hs=kept)


@functools.cache
def _known(name: str) -> frozenset[str]:
    """Return the codes of a list, whatever their dates."""
    return frozenset(load_codelist(name, on=LISTS_AS_OF).rows)


def _unlisted(item: Item, position: str) -> list[Finding]:
    """Return the codes that are in no list: they are kept, and flagged."""
    postal, event, dispatch = item.postal, item.event, item.dispatch
    said = [("nature_of_transaction", "nature_of_transaction", item.nature_of_transaction)]
    if postal is not None:
        said += [(name, f"postal.{name}", getattr(postal, name)) for name in _POSTAL_LISTS]
    if event is not None:
        said.append(("emsevt_event", "event.code", event.code))
        said.append(("retention_reason", "event.retention_reason", event.retention_reason))
    if dispatch is not None:
        said += [(name, f"dispatch.{name}", getattr(dispatch, name)) for name in _POSTAL_LISTS[:3]]
        if dispatch.stage == "carried":
            said += [
                ("resdit_status", f"dispatch.receptacles[{index}].status", one.status)
                for index, one in enumerate(dispatch.receptacles)
            ]
    return [
        finding("UPU-EDI-CODE", path=path, position=position, expected=name, actual=code)
        for name, path, code in said
        if code and code not in _known(name)
    ]


def _judged(item: Item, position: str) -> list[Finding]:
    """Return what is wrong with identifiers: warnings, the data are kept."""
    found = _unlisted(item, position)
    number = item.tracking_number or ""
    standing = s10.examine(number) if number else None
    if standing is not None and not standing.valid:
        found.append(finding("UPU-EDI-S10", path="tracking_number", position=position, actual=number))
    elif standing is not None:
        if not standing.registered_indicator:
            found.append(finding("UPU-EDI-S10-INDICATOR", path="tracking_number", position=position))
        if not standing.known_issuer:
            found.append(finding("UPU-EDI-S10-ISSUER", path="tracking_number", position=position))
    found += [
        finding("UPU-EDI-HS", path=f"content[{index}].commodity_code", position=position)
        for index, one in enumerate(item.content)
        if one.commodity_code and not hs.is_valid(one.commodity_code)
    ]
    dispatch = item.dispatch
    if dispatch is not None:
        if dispatch.number and not s8.is_valid(dispatch.number):
            found.append(finding("UPU-EDI-S8", path="dispatch.number", position=position))
        found += [
            finding("UPU-EDI-S9", path=f"dispatch.receptacles[{index}].number", position=position)
            for index, one in enumerate(dispatch.receptacles)
            if one.number and not s9.is_valid(one.number)
        ]
        found += [
            finding("UPU-EDI-IMPC", path=f"dispatch.{name}", position=position, actual=office)
            for name in ("origin_office", "destination_office")
            if (office := getattr(dispatch, name)) and not impc.is_valid(office)
        ]
    return found
