# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway control record|show|list|decide|recognition`: controls before shipment, own and partners'."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gateway.bootstrap import Steps
    from gateway.exchange.ports import Transaction
    from gateway.trade.control import Recorded
    from gateway.trade.control_view import Sheet
    from gateway.trade.controls import Listed

app = typer.Typer(
    help="Controls before shipment: record them, rely on those of partners.", no_args_is_help=True
)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
NumberArgument = Annotated[str, typer.Argument(help="Tracking number.")]
DEFAULT = Path("gateway.toml")
ACTOR = "command line"
T = TypeVar("T")


class Format(enum.StrEnum):
    """How figures are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@app.command()
def record(
    *,
    file: Annotated[
        Path | None, typer.Option("--file", help="JSON as in the HTTP face; then no other options.")
    ] = None,
    reference: Annotated[str, typer.Option("--reference", help="The office's number of the control.")] = "",
    number: Annotated[str, typer.Option("--number", help="Tracking number of the item.")] = "",
    posted: Annotated[str, typer.Option("--posted", help="Posting date, YYYY-MM-DD.")] = "",
    office: Annotated[str, typer.Option("--office", help="Code of the office.")] = "",
    at: Annotated[str, typer.Option("--at", help="Time with its offset: 2026-11-20T09:30:00+08:00.")] = "",
    method: Annotated[str, typer.Option("--method", help="documents, scan, physical, ...")] = "",
    result: Annotated[str, typer.Option("--result", help="satisfactory, discrepancy or not_completed.")] = "",
    site: Annotated[str, typer.Option("--site", help="Supervised site.")] = "",
    code: Annotated[str, typer.Option("--code", help="The office's own code of the result.")] = "",
    text: Annotated[str, typer.Option("--text", help="What was found, in words.")] = "",
    seal: Annotated[
        list[str] | None, typer.Option("--seal", help="<number>:<state>; again for more.")
    ] = None,
    picture: Annotated[
        list[str] | None, typer.Option("--picture", help="SHA-256 of an image; again for more.")
    ] = None,
    amend: Annotated[bool, typer.Option("--amend", help="Amend the control with this reference.")] = False,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Record the result of a control, or an amendment of one."""
    from gateway.trade.control import as_result

    fields: dict[str, Any] = {
        "reference": reference,
        "tracking_number": number,
        "office": office,
        "at": at,
        "method": method,
        "result": result,
        "site": site,
        "result_code": code,
        "text": text,
        "seals": [_seal(one) for one in seal or ()],
        "pictures": [{"digest": one} for one in picture or ()],
        "amend": amend,
    }
    if posted:
        fields["posting_date"] = posted
    said = as_result(file.read_bytes() if file is not None else fields)

    async def work(steps: "Steps") -> "Recorded":
        return await steps.inspection.controls.record(said, actor=ACTOR)

    done = _act(config, work)
    if as_json:
        _json(done)
    else:
        from gateway.cli.control_lines import line

        typer.echo(line(done))


@app.command()
def show(number: NumberArgument, config: ConfigOption = DEFAULT, as_json: JsonOption = False) -> None:
    """Show who controlled an item, on what proof, and what was decided; exit 1 if nobody did."""
    from gateway.config import load_config
    from gateway.trade.control_view import sheet

    organisation = load_config(config).node.organisation
    found = _read(config, lambda tx: sheet(tx, number, organisation))
    if found is None:
        typer.echo(f"gateway: no control of {number} is known", err=True)
        raise typer.Exit(1)
    _print(found, as_json=as_json)


@app.command("list")
def list_controls(
    *,
    bill: Annotated[str, typer.Option("--bill", help="Only items under this master bill.")] = "",
    after: Annotated[int, typer.Option("--after", help="Go on after this id.", min=0)] = 0,
    limit: Annotated[int, typer.Option("--limit", help="At most so many.", min=1, max=10_000)] = 1000,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List recorded results in their order, or those of the items under a master bill."""
    from gateway.trade.controls import page, under

    def question(tx: "Transaction") -> "Sequence[Listed]":
        return under(tx, bill) if bill else page(tx, after, limit)

    found = _read(config, question)
    if as_json:
        _json(found)
        return
    from gateway.cli.control_lines import line

    for one in found:
        bills = f"; master bill {', '.join(one.bills)}" if one.bills else ""
        typer.echo(f"{one.id} {line(one.control)}{bills}")


@app.command()
def decide(
    number: Annotated[str, typer.Argument(help="Tracking number; none with --replay.")] = "",
    *,
    again: Annotated[bool, typer.Option("--again", help="Decide anew about what is decided.")] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="Judge all kept decisions anew and compare; writes nothing.")
    ] = False,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Decide about the controls of an item that partners told of; exit 1 if a replay differs."""
    if replay:
        _replay(config, as_json=as_json)
        return
    if not number:
        raise typer.BadParameter("a tracking number, or --replay", param_hint="NUMBER")

    async def work(steps: "Steps") -> "Sheet":
        return await steps.inspection.recognitions.decide(number, again=again)

    _print(_act(config, work), as_json=as_json)


@app.command()
def recognition(
    *,
    partner: Annotated[str, typer.Option("--partner", help="One partner alone.")] = "",
    begin: Annotated[str, typer.Option("--from", help="First day, UTC; without: of the month of --to.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day, UTC; without: today.")] = "",
    by: Annotated[
        str, typer.Option("--by", help="partner, office, method, rule; several by commas.")
    ] = "partner",
    side: Annotated[
        str, typer.Option("--side", help="theirs: decided here; ours: what partners decided about ours.")
    ] = "theirs",
    form: Annotated[Format, typer.Option("--format", help="table, json or csv.")] = Format.TABLE,
    config: ConfigOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Count how far controls are recognised: accepted, sampled, ignored, and agreed with later."""
    from gateway.clock import system_clock
    from gateway.trade.recognition_figures import as_csv, as_table, ask, figures

    question = ask(today=system_clock().date(), partner=partner, first=begin, last=end, by=by, side=side)
    answer = _read(config, lambda tx: figures(tx, question))
    if as_json or form is Format.JSON:
        _json(answer)
    else:
        typer.echo(as_csv(answer) if form is Format.CSV else as_table(answer), nl=False)


def _replay(config: Path, *, as_json: bool) -> None:
    """Compare kept decisions with what the rules of now give."""
    from gateway.config import load_config
    from gateway.errors import InputError
    from gateway.finding import finding
    from gateway.trade.recognition_rules import load_rules
    from gateway.trade.recognitions import replay

    settings = load_config(config).inspection
    rules = load_rules(settings.recognition, settings.sample_key)
    if rules is None:
        raise InputError("no rules", (finding("RECOGNITION-NO-RULES"),))
    found = _read(config, lambda tx: replay(tx, rules))
    if as_json:
        _json(found)
    else:
        typer.echo(f"{found.compared} decisions compared, {found.other_rules} made by other rules")
        for one in found.differences:
            made = f"{one.row.decision} by {one.row.rule}, draw {one.row.draw}"
            typer.echo(f"decision {one.row.id} was {made}; now {one.why}", err=True)
    if found.differences:
        raise typer.Exit(1)


def _seal(text: str) -> dict[str, str]:
    """Return `<number>:<state>` in the form of JSON."""
    number, _, state = text.rpartition(":")
    return {"number": number, "state": state}


def _act(config: Path, work: "Callable[[Steps], Awaitable[T]]") -> T:
    """Do an act with the steps of a node."""
    import asyncio

    from gateway.config import load_config
    from gateway.node import configure_logs, with_steps

    configure_logs()  # to standard error: standard output is for the results
    return asyncio.run(with_steps(load_config(config), work))


def _read(config: Path, question: "Callable[[Transaction], T]") -> T:
    """Ask the store of a node, whether or not it is serving."""
    from gateway.config import load_config
    from gateway.store import open_store

    store = open_store(load_config(config).database.url, create=False)
    try:
        return store.run_read(question)
    finally:
        store.shut()


def _json(found: Any) -> None:
    """Print passive records as JSON."""
    import msgspec

    from gateway.cli.printing import print_json

    print_json(msgspec.to_builtins(found))


def _print(found: "Sheet", *, as_json: bool) -> None:
    """Print everything about the controls of a number."""
    from gateway.cli.control_lines import lines

    if as_json:
        _json(found)
    else:
        typer.echo("\n".join(lines(found)))
