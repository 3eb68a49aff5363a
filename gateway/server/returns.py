# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Returns service: returns of goods, for this organisation's own side, as over HTTP."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import grpc
import msgspec
from google.protobuf.json_format import MessageToDict

from gateway.errors import PolicyRefusal
from gateway.finding import finding
from gateway.server.peer import parse
from gateway.server.status import Context
from gateway.server.stream import finish
from gateway.trade.masking_acts import mask_case
from gateway.trade.return_account import AccountLine
from gateway.trade.return_case import Case, Claim
from gateway.trade.return_form import LONGEST_NOTE, LONGEST_NUMBER, arrived, check_text, convert
from gateway.trade.returns import PAGE, Arrived
from gateway.wire.v1 import returns_pb2 as wire

GRPC = "grpc"


class Desk(Protocol):
    """Returns (`trade.returns`)."""

    async def announce(self, claim: Claim, *, number: str, actor: str) -> Case:
        """Announce a return."""

    async def match(self, key: int, arrived: Arrived, *, actor: str) -> Case:
        """Settle a case at an office."""

    async def decide(self, key: int, *, accept: bool, note: str, actor: str) -> Case:
        """Accept or refuse a case."""

    async def case(self, key: int) -> Case | None:
        """Return a case."""

    async def page(self, state: str = "", after: int = 0, limit: int = PAGE) -> list[Case]:
        """Return cases."""

    async def account(self, list_number: str) -> list[AccountLine]:
        """Return the account of a list."""


class ReturnService:
    """Reading and acts, both only where `allowed`."""

    name = "customs.ead.v1.Returns"

    def __init__(self, returns: Desk, *, allowed: bool) -> None:
        self._returns = returns
        self._allowed = allowed

    def handlers(self) -> Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]:
        """Return the methods, all on raw bytes."""
        methods = {
            "Announce": self.announce,
            "Match": self.match,
            "Decide": self.decide,
            "Show": self.show,
            "List": self.page,
            "Account": self.account,
        }
        return {name: grpc.unary_unary_rpc_method_handler(one) for name, one in methods.items()}

    async def announce(self, raw: bytes, _context: Context) -> bytes:
        """Announce a return."""
        self._check()
        said = parse(wire.AnnounceReturnRequest, raw)
        claim = convert(MessageToDict(said.claim, preserving_proto_field_name=True), Claim)
        number = check_text("number", said.number, LONGEST_NUMBER)
        return _one(await finish(self._returns.announce(claim, number=number, actor=GRPC)))

    async def match(self, raw: bytes, _context: Context) -> bytes:
        """Settle a case at an office."""
        self._check()
        said = parse(wire.MatchReturnRequest, raw)
        office = arrived(office=said.office, site=said.site, day=said.day, original=said.original)
        return _one(await finish(self._returns.match(said.case, office, actor=GRPC)))

    async def decide(self, raw: bytes, _context: Context) -> bytes:
        """Accept a waiting case, or refuse a case."""
        self._check()
        said = parse(wire.DecideReturnRequest, raw)
        note = check_text("note", said.note, LONGEST_NOTE)
        return _one(await finish(self._returns.decide(said.case, accept=said.accept, note=note, actor=GRPC)))

    async def show(self, raw: bytes, _context: Context) -> bytes:
        """Return one case."""
        self._check()
        found = await self._returns.case(parse(wire.ShowReturnRequest, raw).case)
        return _list([found] if found is not None else [])

    async def page(self, raw: bytes, _context: Context) -> bytes:
        """Return a page of cases."""
        self._check()
        said = parse(wire.ListReturnsRequest, raw)
        return _list(await self._returns.page(said.state, said.after))

    async def account(self, raw: bytes, _context: Context) -> bytes:
        """Return the account of a list."""
        self._check()
        lines = await self._returns.account(parse(wire.ReturnAccountRequest, raw).list_number)
        return wire.ReturnAccount(
            lines=[wire.ReturnAccountLine(**msgspec.to_builtins(one)) for one in lines]
        ).SerializeToString()

    def _check(self) -> None:
        """Refuse where the operator has not named `grpc`.

        Raises:
            PolicyRefusal: so it is.
        """
        if not self._allowed:
            raise PolicyRefusal("grpc has no returns", (finding("RETURN-NOT-ALLOWED"),))


def _one(case: Case) -> bytes:
    """Return a case as bytes."""
    return _message(case).SerializeToString()


def _list(cases: Sequence[Case]) -> bytes:
    """Return cases as one message."""
    return wire.ReturnList(cases=[_message(one) for one in cases]).SerializeToString()


def _message(case: Case) -> wire.ReturnCase:
    """Return a case as a message, whose fields have the names of the record; persons are masked."""
    return wire.ReturnCase(**msgspec.to_builtins(mask_case(case)))
