# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Make a record ready for its table: what is derived on reading is taken off, what is implied is put in.

Commodity codes: a line with TSP codes of its own is written with them. Any other line gives its HS6, since
the national digits of another country mean nothing here; the rest is told as truncated.
"""

from collections.abc import Sequence

import msgspec

from adapters.uk_cds import pointers
from adapters.uk_cds.declaration import TSP, commodity_code
from adapters.uk_cds.reading import PROCEDURE_LENGTH
from adapters.uk_cds.rules import rules
from gateway.sdk import (
    Assessment,
    ContentPiece,
    Finding,
    Item,
    LineFiling,
    Loss,
    Request,
    TariffCode,
    finding,
)

_HS6 = 6
_replace = msgspec.structs.replace


def declaration(item: Item, position: str) -> tuple[Item, list[Loss], list[Finding]]:
    """Return the item as the table of DEC takes it."""
    losses: list[Loss] = []
    found: list[Finding] = []
    content = tuple(
        [_line(piece, index, position, losses, found) for index, piece in enumerate(item.content, 1)]
    )
    declared_on = item.declared_on
    if declared_on and item.filing and item.filing.declared_at:
        if item.filing.declared_at.date() == declared_on:
            losses.append(Loss(kind="derived", path="declared_on", detail="the day of filing.declared_at"))
        else:
            detail = "IssueDateTime holds filing.declared_at"
            losses.append(Loss(kind="lost", path="declared_on", detail=detail))
        declared_on = None
    return _replace(item, content=content, declared_on=declared_on), losses, found


def _line(
    piece: ContentPiece, index: int, position: str, losses: list[Loss], found: list[Finding]
) -> ContentPiece:
    number = piece.number
    if number is None:
        number = index
        losses.append(Loss(kind="derived", path=f"content[{index}].number", detail="its place"))
    filing = piece.filing or LineFiling()
    _procedures(filing, index, losses)
    full = piece.commodity_code
    if any(one.scheme == TSP for one in filing.tariff_codes):
        own, _ = commodity_code(filing.tariff_codes)
        if full and full != own:
            losses.append(_lost(index, "commodity_code", "the classifications say another code"))
        if piece.hs and not own.startswith(piece.hs):
            losses.append(_lost(index, "hs", "the classifications say another code"))
        return _replace(piece, number=number, commodity_code=None, hs=None)
    code = (piece.hs or full or "")[:_HS6]
    if not code:
        return _replace(piece, number=number)
    if len(code) < _HS6 or not code.isdigit():
        path = f"content[{index}].hs"
        found.append(
            finding("UKCDS-HS-SHORT", path=path, position=position, expected="6 digits", actual=code)
        )
    if full and full != code:
        kind = "truncated" if full.startswith(code) else "lost"
        detail = f"{len(full)} to {len(code)} digits"
        losses.append(Loss(kind=kind, path=f"content[{index}].commodity_code", detail=detail))
    codes = (TariffCode(scheme=TSP, code=code), *filing.tariff_codes)
    return _replace(
        piece, number=number, commodity_code=None, hs=None, filing=_replace(filing, tariff_codes=codes)
    )


def _procedures(filing: LineFiling, index: int, losses: list[Loss]) -> None:
    """Tell codes a reader takes for the other kind: a procedure has a previous code or two characters."""
    if filing.previous_procedure:
        return
    plain = bool(filing.procedure) and len(filing.procedure or "") != PROCEDURE_LENGTH
    additional = any(len(one.code or "") == PROCEDURE_LENGTH for one in filing.additional_procedures)
    if plain:
        losses.append(
            _lost(index, "filing.procedure", "without a previous code it reads as an additional one")
        )
    if plain or (additional and not filing.procedure):
        path = f"content[{index}].filing.additional_procedures[].code"
        losses.append(
            Loss(kind="derived", path=path, detail="a code of two characters reads as the procedure")
        )


def _lost(index: int, name: str, detail: str) -> Loss:
    return Loss(kind="lost", path=f"content[{index}].{name}", detail=detail)


def assessment(item: Item, position: str) -> tuple[Item, list[Loss], list[Finding]]:
    """Return the record as the table of RES takes it."""
    own = item.assessment or Assessment()
    losses: list[Loss] = []
    found: list[Finding] = []
    code = _code(own)
    if not item.mrn and not (item.filing and item.filing.reference):
        path, expected = "Response/Declaration/ID", "mrn or filing.reference"
        found.append(finding("SCHEMA-MISSING", path=path, position=position, expected=expected))
    if code is None:
        expected = "an outcome or code that a response can say"
        found.append(
            finding("SCHEMA-MISSING", path="Response/FunctionCode", position=position, expected=expected)
        )
    else:
        meaning = rules().responses.get(code)
        for name in ("outcome", "phase"):
            value = getattr(own, name)
            if value and value != (getattr(meaning, name) if meaning else ""):
                losses.append(
                    Loss(kind="lost", path=f"assessment.{name}", detail=f"function {code} says another")
                )
            elif value:
                losses.append(
                    Loss(kind="derived", path=f"assessment.{name}", detail=f"said by function {code}")
                )
        if own.decision_code and own.decision_code != code:
            losses.append(
                Loss(kind="lost", path="assessment.decision_code", detail="no function code of ours")
            )
    plain = _replace(
        own, decision_code=code, outcome=None, phase=None, requests=_requests(own.requests, losses)
    )
    return _replace(item, assessment=plain), losses, found


def _code(own: Assessment) -> str | None:
    """Return the function code: its own if it is one and says the outcome, else the one for the outcome."""
    meaning = rules().responses.get(own.decision_code or "")
    if meaning is not None and (not own.outcome or meaning.outcome == own.outcome):
        return own.decision_code
    if own.outcome:
        return rules().codes.get(own.outcome)
    code = own.decision_code or ""
    return code if code.isdigit() and len(code) in {1, 2} else None


def _requests(requests: Sequence[Request], losses: list[Loss]) -> tuple[Request, ...]:
    """Write paths as pointers; a path of no mapped element is lost."""
    written: list[Request] = []
    for index, one in enumerate(requests, 1):
        path = pointers.kept(one.path) if one.path else None
        if one.path and not path:
            detail = "no element of a declaration has this path"
            losses.append(Loss(kind="lost", path=f"assessment.requests[{index}].path", detail=detail))
        written.append(_replace(one, path=path or None) if one.path else one)
    return tuple(written)
