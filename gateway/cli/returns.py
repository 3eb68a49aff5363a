# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway return list|show|match|decide|account|announce`: returns of goods."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.exchange.ports import Transaction
    from gateway.trade.return_account import AccountLine
    from gateway.trade.return_case import Case
    from gateway.trade.returns import Returns

T = TypeVar("T")
app = typer.Typer(help="Match, judge and settle goods that come back.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Number of the case.")]
DEFAULT = Path("gateway.toml")
ACTOR = "command line"


@app.command("list")
def list_cases(
    state: Annotated[str, typer.Option("--state", help="Only cases in this state.")] = "",
    after: Annotated[str, typer.Option("--after", help="Go on after the case with this number.")] = "0",
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=10_000)] = 1000,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List cases, in order of their numbers."""
    from gateway.trade.return_form import case_number
    from gateway.trade.returns import page

    number = case_number(after)
    _print(_read(config, lambda tx: page(tx, state, number, limit)), as_json=as_json)


@app.command()
def show(case: CaseArgument, config: ConfigOption = DEFAULT, as_json: JsonOption = False) -> None:
    """Show everything about a case; exit 1 if there is none."""
    from gateway.trade.return_form import case_number
    from gateway.trade.returns import find

    number = case_number(case)
    found = _read(config, lambda tx: find(tx, number))
    _print([found] if found else [], as_json=as_json)
    if found is None:
        raise typer.Exit(1)


@app.command()
def account(
    list_number: Annotated[str, typer.Argument(metavar="LIST", help="Number of the original list.")],
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Show what of a list came back and what may still; empty if nothing ever did."""
    from gateway.trade.return_account import account as account_of

    lines = _read(config, lambda tx: account_of(tx, list_number))
    _print_account(lines, as_json=as_json)


@app.command()
def announce(
    number: Annotated[str, typer.Argument(help="Own number of the return; the same again changes it.")],
    file: Annotated[
        Path, typer.Argument(help="JSON of the return, as POST /v1/returns has it.", exists=True)
    ],
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Announce a return, such as one by full declaration."""
    from gateway.trade.return_case import Claim
    from gateway.trade.return_form import LONGEST_NUMBER, check_text, read

    claim = read(file.read_bytes(), Claim)
    own = check_text("number", number, LONGEST_NUMBER)
    _act(config, lambda returns: returns.announce(claim, number=own, actor=ACTOR), as_json=as_json)


@app.command()
def match(  # noqa: PLR0917 - each is a named option of its own
    case: CaseArgument,
    office: Annotated[str, typer.Option("--office", help="Customs office that has the parcel.")],
    site: Annotated[str, typer.Option("--site", help="Supervised site.")] = "",
    day: Annotated[str, typer.Option("--day", help="Day on which it is back; today if none.")] = "",
    original: Annotated[str, typer.Option("--original", help="List or tracking number to choose.")] = "",
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Settle an announced or waiting case at an office; exit 1 if it is refused."""
    from gateway.trade.return_form import arrived, case_number

    number, said = case_number(case), arrived(office=office, site=site, day=day, original=original)
    _act(config, lambda returns: returns.match(number, said, actor=ACTOR), as_json=as_json)


@app.command()
def decide(
    case: CaseArgument,
    accept: Annotated[bool, typer.Option("--accept/--refuse", help="In spite of its warnings, or not.")],
    note: Annotated[str, typer.Option("--note", help="Why; it is kept and logged.")],
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Accept a waiting case, or refuse a case; exit 1 if an acceptance is not possible."""
    from gateway.trade.return_form import LONGEST_NOTE, case_number, check_text

    number, why = case_number(case), check_text("note", note, LONGEST_NOTE)
    _act(
        config,
        lambda returns: returns.decide(number, accept=accept, note=why, actor=ACTOR),
        as_json=as_json,
        may_refuse=not accept,
    )


def _act(
    config: Path,
    work: "Callable[[Returns], Awaitable[Case]]",
    *,
    as_json: bool,
    may_refuse: bool = False,
) -> None:
    """Do an act with the steps of a node, and print the case; exit 1 if that refuses it unasked."""
    import asyncio

    from gateway.bootstrap import Steps
    from gateway.config import load_config
    from gateway.errors import ConfigError
    from gateway.node import with_steps

    async def act(steps: Steps) -> "Case":
        returns = steps.returning.returns
        if returns is None:
            raise ConfigError("this node has no rules for returns; see returns.rules")
        return await work(returns)

    case = asyncio.run(with_steps(load_config(config), act))
    _print([case], as_json=as_json)
    if case.state == "refused" and not may_refuse:
        raise typer.Exit(1)


def _read(config: Path, question: "Callable[[Transaction], T]") -> T:
    """Ask the store of a node, whether or not it is serving."""
    from gateway.config import load_config
    from gateway.store import open_store

    store = open_store(load_config(config).database.url, create=False)
    try:
        return store.run_read(question)
    finally:
        store.shut()


def _print(cases: "Sequence[Case]", *, as_json: bool) -> None:
    """Print cases, a block each or as JSON."""
    if as_json:
        _print_json(list(cases))
        return
    for one in cases:
        original = one.list_number or "no original"
        typer.echo(f"{one.id} {one.state}: {original}, confidence {one.confidence}, {len(one.steps)} steps")
        for candidate in one.candidates if not one.list_number else ():
            why = ", ".join(candidate.reasons)
            typer.echo(f"  candidate {candidate.list_number} {candidate.confidence}: {why}")
        for ruling in one.rulings:
            counted = f" from {ruling.counted_from} ({ruling.basis})" if ruling.counted_from else ""
            said = f"{ruling.reason}{counted} {ruling.rule} {ruling.source}"
            typer.echo(f"  {ruling.about} {ruling.verdict}: {said}")
        if one.declaration:
            typer.echo(f"  declared by {one.declaration}")
        for problem in one.problems:
            typer.echo(f"  {problem.severity} {problem.code} {problem.path} {problem.expected}")


def _print_account(lines: "Sequence[AccountLine]", *, as_json: bool) -> None:
    """Print the account of a list."""
    if as_json:
        _print_json(list(lines))
        return
    for one in lines:
        parts = [
            f"{name} {each.drawn} of {each.original} {each.unit}, left {each.left}"
            for name, each in (("quantity", one.quantity), ("legal", one.legal), ("second", one.second))
            if each.unit
        ]
        typer.echo(f"{one.list_number} line {one.line}: {'; '.join(parts)}")


def _print_json(answer: Any) -> None:
    """Print passive records as JSON."""
    import msgspec

    from gateway.cli.printing import print_json

    print_json(msgspec.to_builtins(answer))
