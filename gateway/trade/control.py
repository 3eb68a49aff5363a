# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A control result before shipment: passive records, and what their values must be taken by themselves.

Everything is checked here, whichever way it comes; nothing is mended. Images are named by their digest and
stay where they were taken.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from gateway.errors import InputError
from gateway.finding import Finding, finding
from gateway.model import Control, Picture, Seal
from gateway.trade.inspection_data import Pilot

SATISFACTORY, DISCREPANCY, NOT_COMPLETED = "satisfactory", "discrepancy", "not_completed"
RESULTS = (SATISFACTORY, DISCREPANCY, NOT_COMPLETED)
AFFIXED, INTACT, BROKEN, REPLACED, REMOVED = "affixed", "intact", "broken", "replaced", "removed"
STATES = (AFFIXED, INTACT, BROKEN, REPLACED, REMOVED)
BEFORE, AFTER = "before_consolidation", "after_consolidation"
LONGEST = {"reference": 60, "tracking_number": 35, "office": 17, "result_code": 17, "text": 1000}
MOST = {"seals": 50, "pictures": 100}
LONGEST_SEAL = 35
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./_-]*", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MEDIA = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}", re.ASCII)

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A passive record; unknown fields are refused."""


class SealSaid(Said, frozen=True, kw_only=True):
    """A seal of customs; `state` is what the control did with it or found: one of STATES."""

    number: str
    state: str


class PictureSaid(Said, frozen=True, kw_only=True):
    """An image by the SHA-256 of its bytes."""

    digest: str
    media_type: str = ""


class Result(Said, frozen=True, kw_only=True):
    """What an office found; `reference` is its own number of the control.

    With `amend` it is one that was told before. `site` is the supervised site, `result_code` the office's own
    code.
    """

    reference: str
    tracking_number: str
    office: str
    at: Moment
    method: str
    result: str
    posting_date: date | None = None
    site: str = ""
    result_code: str = ""
    text: str = ""
    seals: tuple[SealSaid, ...] = ()
    pictures: tuple[PictureSaid, ...] = ()
    amend: bool = False


class Recorded(Result, frozen=True, kw_only=True):
    """One version of a result as it is kept.

    `stage` is before_consolidation or after_consolidation, by the manifests known then; `findings` are the
    warnings that it was recorded with.
    """

    version: int
    stage: str
    actor: str
    recorded_at_ms: int
    log_index: int = -1
    findings: tuple[Finding, ...] = ()


def as_result(fields: Any) -> Result:
    """Return plain values, or the bytes of a JSON object, as a result.

    Raises:
        InputError: something is absent, unknown or of the wrong form.
    """
    try:
        if isinstance(fields, bytes):
            return msgspec.json.decode(fields, type=Result)
        return msgspec.convert(fields, Result)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        text = error if isinstance(error, msgspec.MsgspecError) else "not JSON in UTF-8"
        raise InputError("not a control result", (form_finding(text),)) from None


def form_finding(error: object) -> Finding:
    """Return what the decoder says as a finding; its texts name places and types, never values."""
    what, _, path = str(error).partition(" - at `$")
    return finding("CONTROL-FORM", path=path.strip(".`"), expected=what)


def check(one: Result, pilot: Pilot) -> Iterator[Finding]:
    """Yield what is wrong with a result, taken by itself."""
    for path in ("reference", "tracking_number", "office"):
        text = getattr(one, path)
        if not 0 < len(text) <= LONGEST[path] or not _WORD.fullmatch(text) or text != text.strip():
            yield _form(path, f"1 to {LONGEST[path]} letters, digits and ./_-", text)
    for path in ("result_code", "text", "site"):
        text = getattr(one, path)
        longest = LONGEST.get(path, LONGEST["result_code"])
        if len(text) > longest or text != text.strip() or not text.isprintable():
            yield _form(path, f"at most {longest} printable characters without blanks around", "")
    if one.method not in pilot.methods:
        yield finding("CONTROL-METHOD", path="method", expected=", ".join(pilot.methods), actual=one.method)
    if one.result not in RESULTS:
        yield finding("CONTROL-RESULT", path="result", expected=", ".join(RESULTS), actual=one.result)
    yield from _check_lists(one)


def _check_lists(one: Result) -> Iterator[Finding]:
    """Yield what is wrong with seals and pictures."""
    for path, most in MOST.items():
        if len(getattr(one, path)) > most:
            yield _form(path, f"at most {most}", str(len(getattr(one, path))))
    for place, seal in enumerate(one.seals):
        if not 0 < len(seal.number) <= LONGEST_SEAL or not _WORD.fullmatch(seal.number):
            yield _form(
                f"seals[{place}].number", f"1 to {LONGEST_SEAL} letters, digits and ./_-", seal.number
            )
        if seal.state not in STATES:
            yield _form(f"seals[{place}].state", ", ".join(STATES), seal.state)
    for place, picture in enumerate(one.pictures):
        if not _DIGEST.fullmatch(picture.digest):
            yield _form(f"pictures[{place}].digest", "SHA-256 as 64 small hexadecimal digits", picture.digest)
        if picture.media_type and not _MEDIA.fullmatch(picture.media_type):
            yield _form(
                f"pictures[{place}].media_type", "a media type such as image/jpeg", picture.media_type
            )


def as_control(one: Result, stage: str) -> Control:
    """Return a result as the group that a record carries."""
    return Control(
        reference=one.reference,
        office=one.office,
        at=one.at,
        method=one.method,
        stage=stage,
        result=one.result,
        result_code=one.result_code or None,
        text=one.text or None,
        seals=tuple(Seal(number=each.number, state=each.state) for each in one.seals),
        pictures=tuple(
            Picture(digest=each.digest, media_type=each.media_type or None) for each in one.pictures
        ),
    )


def _form(path: str, expected: str, actual: str) -> Finding:
    return finding("CONTROL-FORM", path=path, expected=expected, actual=actual)
