# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Controls service: controls before shipment, for this organisation's own side, as over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import grpc
import msgspec

from gateway.clock import system_clock
from gateway.errors import PolicyRefusal
from gateway.finding import finding
from gateway.server.peer import parse
from gateway.server.status import Context
from gateway.server.stream import finish
from gateway.trade.control import Recorded, Result, as_result
from gateway.trade.control_view import Decision, Relied, Sheet
from gateway.trade.controls import PAGE, Listed
from gateway.trade.masking_acts import mask_recorded, mask_sheet
from gateway.trade.recognition_figures import SIDES, Answer, Figures, Question, ask
from gateway.wire.v1 import controls_pb2 as wire

GRPC = "grpc"
_OPTIONAL = ("posting_date", "site", "result_code", "text")


class Controls(Protocol):
    """The results of our own offices (`trade.controls`)."""

    async def record(self, one: Result, *, actor: str) -> Recorded:
        """Record a result."""

    async def page(self, after: int = 0, limit: int = PAGE) -> Sequence[Listed]:
        """Return versions in the order of recording."""

    async def under(self, bill: str) -> Sequence[Listed]:
        """Return the controls of all items under a master bill."""


class Recognitions(Protocol):
    """What is known and decided of controls (`trade.recognitions`)."""

    async def show(self, number: str) -> Sheet | None:
        """Return everything about the controls of a number."""

    async def decide(self, number: str, *, again: bool = False) -> Sheet:
        """Decide about the controls of an item."""

    async def count(self, question: Question) -> Answer:
        """Count the decisions of a period."""


class ControlService:
    """Reading, and acts where `acts` allows them."""

    name = "customs.ead.v1.Controls"

    def __init__(self, controls: Controls, recognitions: Recognitions, *, acts: bool) -> None:
        self._controls = controls
        self._recognitions = recognitions
        self._acts = acts

    def handlers(self) -> Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]:
        """Return the methods, all on raw bytes."""
        methods = {
            "Record": self.record,
            "Show": self.show,
            "List": self.page,
            "Decide": self.decide,
            "Recognition": self.count,
        }
        return {name: grpc.unary_unary_rpc_method_handler(one) for name, one in methods.items()}

    async def record(self, raw: bytes, _context: Context) -> bytes:
        """Record a result."""
        self._check()
        said = parse(wire.RecordControlRequest, raw).result
        names = (*_OPTIONAL, "reference", "tracking_number", "office", "at", "method", "result")
        fields: dict[str, Any] = {name: getattr(said, name) for name in names}
        fields = {name: value for name, value in fields.items() if value or name not in _OPTIONAL}
        fields["seals"] = [{"number": one.number, "state": one.state} for one in said.seals]
        fields["pictures"] = [{"digest": one.digest, "media_type": one.media_type} for one in said.pictures]
        fields["amend"] = said.amend
        done = await finish(self._controls.record(as_result(fields), actor=GRPC))
        return _version(done).SerializeToString()

    async def show(self, raw: bytes, _context: Context) -> bytes:
        """Return everything about the controls of a number, an empty sheet if there is nothing."""
        return _sheet(await self._recognitions.show(parse(wire.ShowControlsRequest, raw).tracking_number))

    async def page(self, raw: bytes, _context: Context) -> bytes:
        """Return a page of versions, or the controls under a master bill."""
        said = parse(wire.ListControlsRequest, raw)
        found = await (
            self._controls.under(said.bill) if said.bill else self._controls.page(max(said.after, 0))
        )
        return wire.ControlList(versions=[_listed(one) for one in found]).SerializeToString()

    async def decide(self, raw: bytes, _context: Context) -> bytes:
        """Decide about the controls of a number."""
        self._check()
        said = parse(wire.DecideControlsRequest, raw)
        return _sheet(await finish(self._recognitions.decide(said.tracking_number, again=said.again)))

    async def count(self, raw: bytes, _context: Context) -> bytes:
        """Count how far controls are recognised."""
        said = parse(wire.CountRecognitionsRequest, raw)
        question = ask(
            today=system_clock().date(),
            partner=said.partner,
            first=getattr(said, "from"),
            last=said.to,
            by=said.by or "partner",
            side=said.side or SIDES[0],
        )
        answer = await self._recognitions.count(question)
        return wire.RecognitionCounts(
            rows=[_figures(one) for one in answer.rows], total=_figures(answer.total)
        ).SerializeToString()

    def _check(self) -> None:
        """Refuse acts where the operator has not allowed them.

        Raises:
            PolicyRefusal: `grpc` is no recorder.
        """
        if not self._acts:
            raise PolicyRefusal("grpc is no recorder", (finding("CONTROL-NOT-ALLOWED"),))


def _sheet(one: Sheet | None) -> bytes:
    """Return a sheet as a message, persons masked."""
    if one is None:
        return b""
    one = mask_sheet(one)
    steps: dict[str, Any] = msgspec.to_builtins(one.steps)
    return wire.ControlSheet(
        tracking_number=one.tracking_number,
        own=[_version(each) for each in one.own],
        consolidations=[
            wire.ControlConsolidation(**msgspec.to_builtins(each)) for each in one.consolidations
        ],
        **steps,
        answers=[_decision(each) for each in one.answers],
        received=[_received(each) for each in one.received],
    ).SerializeToString()


def _received(one: Relied) -> wire.ReceivedControl:
    """Return a result that a partner sent as a message."""
    said: dict[str, Any] = msgspec.to_builtins(one.control)
    stage = said.pop("stage", "")
    proof: dict[str, Any] = msgspec.to_builtins(one.proof)
    return wire.ReceivedControl(
        partner=one.partner,
        version=one.version,
        function=one.function,
        control=wire.ControlResult(**said),
        stage=stage,
        proof=wire.ControlProof(**proof),
        decisions=[_decision(each) for each in one.decisions],
    )


def _decision(one: Decision) -> wire.ControlDecision:
    """Return a decision as a message; nothing drawn is said, for 0 is a draw."""
    fields: dict[str, Any] = msgspec.to_builtins(one)
    return wire.ControlDecision(**fields | {"draw": one.draw})


def _listed(one: Listed) -> wire.ControlVersion:
    """Return a line of a list as a message."""
    made = _version(one.control)
    made.id = one.id
    made.bills.extend(one.bills)
    return made


def _version(one: Recorded) -> wire.ControlVersion:
    """Return a version as a message, persons masked."""
    fields: dict[str, Any] = msgspec.to_builtins(mask_recorded(one))
    names = set(wire.ControlResult.DESCRIPTOR.fields_by_name)
    return wire.ControlVersion(
        result=wire.ControlResult(**{name: value for name, value in fields.items() if name in names}),
        version=one.version,
        stage=one.stage,
        actor=one.actor,
        recorded_at_ms=one.recorded_at_ms,
        log_index=one.log_index,
        warnings=[each.code for each in one.findings],
    )


def _figures(one: Figures) -> wire.RecognitionFigures:
    """Return the counts of a line as a message."""
    fields: dict[str, Any] = msgspec.to_builtins(one)
    return wire.RecognitionFigures(**fields)
