# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The Enterprises service: the register, for this organisation's own side, as over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import grpc
import msgspec

from gateway.errors import PolicyRefusal
from gateway.finding import finding
from gateway.server.peer import parse
from gateway.server.status import Context
from gateway.server.stream import finish
from gateway.trade.enterprise import Amendment, Credit, Registration, Version
from gateway.trade.enterprise_file import as_amendment, as_day, as_registration
from gateway.trade.enterprises import PAGE
from gateway.wire.v1 import enterprises_pb2 as wire

GRPC = "grpc"


class Register(Protocol):
    """The register (`trade.enterprises`)."""

    async def register(self, one: Registration, *, actor: str) -> Version:
        """Register an enterprise."""

    async def change(self, uscc: str, change: Amendment, *, actor: str) -> Version:
        """Add a version."""

    async def withdraw(self, uscc: str, valid_from: date, source: str, *, actor: str) -> Version:
        """End a registration."""

    async def history(self, identifier: str) -> list[Version]:
        """Return every version."""

    async def page(self, after: str = "", limit: int = PAGE) -> list[Version]:
        """Return the newest version of each enterprise."""


class EnterpriseService:
    """Reading, and acts where `acts` allows them."""

    name = "customs.ead.v1.Enterprises"

    def __init__(self, register: Register, *, acts: bool) -> None:
        self._register = register
        self._acts = acts

    def handlers(self) -> Mapping[str, "grpc.RpcMethodHandler[Any, Any]"]:
        """Return the methods, all on raw bytes."""
        methods = {
            "Register": self.register,
            "Change": self.change,
            "Withdraw": self.withdraw,
            "History": self.history,
            "List": self.page,
        }
        return {name: grpc.unary_unary_rpc_method_handler(one) for name, one in methods.items()}

    async def register(self, raw: bytes, _context: Context) -> bytes:
        """Register an enterprise."""
        self._check()
        said = parse(wire.RegisterRequest, raw).enterprise
        fields = {
            "uscc": said.uscc,
            "customs_code": said.customs_code,
            "name": said.name,
            "roles": list(said.roles),
            "valid_from": said.valid_from,
            "source": said.source,
            "credit": _periods(said.credit),
            "areas": list(said.areas),
        }
        done = await finish(self._register.register(as_registration(fields), actor=GRPC))
        return _message(done).SerializeToString()

    async def change(self, raw: bytes, _context: Context) -> bytes:
        """Add a version."""
        self._check()
        said = parse(wire.ChangeRequest, raw)
        fields: dict[str, Any] = {
            "valid_from": said.valid_from,
            "source": said.source,
            "credit": _periods(said.credit),
        }
        if said.HasField("customs_code"):
            fields["customs_code"] = said.customs_code
        if said.HasField("name"):
            fields["name"] = said.name
        if said.replace_roles:
            fields["roles"] = list(said.roles)
        if said.replace_areas:
            fields["areas"] = list(said.areas)
        done = await finish(self._register.change(said.uscc, as_amendment(fields), actor=GRPC))
        return _message(done).SerializeToString()

    async def withdraw(self, raw: bytes, _context: Context) -> bytes:
        """End a registration."""
        self._check()
        said = parse(wire.WithdrawRequest, raw)
        day = as_day(said.valid_from)
        done = await finish(self._register.withdraw(said.uscc, day, said.source, actor=GRPC))
        return _message(done).SerializeToString()

    async def history(self, raw: bytes, _context: Context) -> bytes:
        """Return every version of an enterprise."""
        return _list(await self._register.history(parse(wire.HistoryRequest, raw).identifier))

    async def page(self, raw: bytes, _context: Context) -> bytes:
        """Return the newest version of each enterprise of a page."""
        return _list(await self._register.page(parse(wire.ListRequest, raw).after))

    def _check(self) -> None:
        """Refuse acts where the operator has not allowed them.

        Raises:
            PolicyRefusal: `grpc` is no registrar.
        """
        if not self._acts:
            raise PolicyRefusal("grpc is no registrar", (finding("ENTERPRISE-NOT-ALLOWED"),))


def _periods(said: Sequence[wire.CreditPeriod]) -> list[dict[str, str]]:
    """Return credit periods in the form of JSON."""
    return [
        {"level": one.level, "from": getattr(one, "from")} | ({"until": one.until} if one.until else {})
        for one in said
    ]


def _list(versions: Sequence[Version]) -> bytes:
    """Return versions as one message."""
    return wire.EnterpriseHistory(versions=[_message(one) for one in versions]).SerializeToString()


def _message(one: Version) -> wire.EnterpriseVersion:
    """Return a version as a message."""
    fields: dict[str, Any] = msgspec.to_builtins(one)
    fields["credit"] = [_credit(period) for period in one.credit]
    fields["version"], fields["log_index"] = one.version, one.log_index
    fields["state"] = one.state
    return wire.EnterpriseVersion(**fields)


def _credit(one: Credit) -> dict[str, str]:
    """Return a credit period as a message takes it."""
    until = "" if one.until is None else one.until.isoformat()
    return {"level": one.level, "from": one.first.isoformat(), "until": until}
