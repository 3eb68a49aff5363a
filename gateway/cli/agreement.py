# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway agreement new|check|sign|show|simulate|diff`: agreements as files, without server or database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gateway.agreement import Agreement

app = typer.Typer(help="Agreements with partners: what may leave, to whom, and why.", no_args_is_help=True)

FILE = Annotated[
    Path, typer.Argument(help="An agreement: TOML text or signed file.", exists=True, dir_okay=False)
]
JSON_OPTION = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _text(file: Path) -> bytes:
    """Return the agreement text in a file, out of its envelope if it is signed; nothing is verified."""
    from gateway.agreement import unverified

    raw = file.read_bytes()
    return unverified(raw) if raw.lstrip()[:1] == b"{" else raw


def _read(file: Path) -> "Agreement":
    """Read the agreement in a file, for people to look at."""
    from gateway.agreement import parse

    return parse(_text(file))


@app.command()
def new(
    *,
    record: Annotated[str, typer.Option("--record", help="Kind of record: item, event, dispatch ...")],
    sender: Annotated[str, typer.Option("--sender", help="Organisation that sends.")],
    recipient: Annotated[str, typer.Option("--recipient", help="Organisation that receives.")],
    since: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")],
    until: Annotated[str, typer.Option("--until", help="The day after the last, YYYY-MM-DD.")],
    destination: Annotated[
        list[str] | None, typer.Option("--destination", help="Country of items and dispatches, repeatable.")
    ] = None,
    onward: Annotated[
        list[str] | None, typer.Option("--onward", help="Who the recipient may pass it on to, repeatable.")
    ] = None,
) -> None:
    """Print a first text of an agreement; it parses, and people complete it."""
    from datetime import date

    from gateway.agreement import parse
    from gateway.agreement.template import Terms, template
    from gateway.model import RECORDS

    if record not in RECORDS:
        raise typer.BadParameter(f"one of {', '.join(RECORDS)}", param_hint="--record")
    try:
        days = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError:
        raise typer.BadParameter("a day is YYYY-MM-DD", param_hint="--from, --until") from None
    terms = Terms(
        record=record,
        sender=sender,
        recipient=recipient,
        effective_from=days[0],
        effective_until=days[1],
        destinations=destination or (),
        onward=onward or (),
    )
    text = template(terms)
    parse(text.encode())
    typer.echo(text, nl=False)


@app.command()
def check(
    file: FILE,
    config: Annotated[
        Path | None, typer.Option("--config", help="Verify the signatures with the keys this node trusts.")
    ] = None,
    as_json: JSON_OPTION = False,
) -> None:
    """Check an agreement and print every fault; with --config, also that both parties have signed it."""
    from gateway.agreement import verify
    from gateway.cli.printing import finding_dict, print_findings, print_json
    from gateway.clock import system_clock
    from gateway.errors import GatewayError

    signed = ""
    try:
        agreement = _read(file)
        if config is not None:
            keyring = _keyring(config)
            verify(file.read_bytes(), keyring, system_clock())
            signed = f"{agreement.sender} and {agreement.recipient}"
    except GatewayError as error:
        if as_json:
            print_json({"good": False, "findings": [finding_dict(one) for one in error.findings]})
        else:
            typer.echo(f"{file}: {error}", err=True)
            print_findings(error.findings)
        raise typer.Exit(1) from None
    if as_json:
        print_json({"good": True, "verified": bool(signed), "digest": agreement.digest.hex(), "findings": []})
        return
    typer.echo(
        f"{agreement.id} version {agreement.version}: good; {len(agreement.fields)} fields have a treatment"
    )
    typer.echo(f"sha256 {agreement.digest.hex()}")
    typer.echo(f"signed by {signed}" if signed else "signatures were not checked")


def _keyring(config: Path) -> Any:
    """Return the keys that a node trusts."""
    from gateway.clock import system_clock
    from gateway.config import load_config
    from gateway.envelope.identity import KeySet
    from gateway.envelope.trust import Keyring

    node = load_config(config)
    return Keyring.from_folder(Path(node.partners), KeySet.load(Path(node.keys)), system_clock())


@app.command()
def sign(
    file: FILE,
    keys: Annotated[Path, typer.Option("--keys", help="Keys folder of the party that signs.")] = Path("keys"),
    out: Annotated[Path | None, typer.Option("--out", help="Signed file, or folder for it.")] = None,
) -> None:
    """Sign an agreement, or add a signature to a signed one; the text itself is never changed.

    A signature of this party by keys that it used before is replaced.
    """
    from gateway.agreement import countersign, file_name, parse
    from gateway.agreement import sign as sign_text
    from gateway.clock import system_clock
    from gateway.envelope.identity import KeySet
    from gateway.envelope.trust import Keyring

    own = KeySet.load(keys)
    raw, text = file.read_bytes(), _text(file)
    agreement = parse(text)
    if own.organisation not in {agreement.sender, agreement.recipient}:
        typer.echo(f"gateway: {own.organisation} is not a party of {agreement.id}", err=True)
        raise typer.Exit(1)
    if raw == text:
        signed = sign_text(raw, own.seal)
    else:
        ever = Keyring([own.material()], now=system_clock()).of(own.organisation, "seal")
        signed = countersign(raw, own.seal, former={one.key_id for one in ever})
    target = out or file.parent
    if target.is_dir():
        target = target / file_name(agreement)
    target.write_bytes(signed)
    typer.echo(f"{target}: signed by {own.organisation}")


@app.command()
def show(file: FILE, as_json: JSON_OPTION = False) -> None:
    """Show an agreement with every field group expanded to its leaves."""
    from gateway.cli.printing import print_json

    agreement = _read(file)
    fields = [
        {"path": path, "treatment": one.text, "article": one.article}
        for path, one in agreement.fields.items()
    ]
    if as_json:
        print_json({**_terms(agreement), "fields": fields})
        return
    for name, value in _terms(agreement).items():
        typer.echo(f"{name}: {value if not isinstance(value, list) else ', '.join(value)}")
    typer.echo("fields (all others never leave):")
    for row in fields:
        required = "  required" if row["path"] in agreement.required else ""
        typer.echo(f"  {row['path']}  {row['treatment']}  [{row['article']}]{required}")


def _terms(agreement: "Agreement") -> dict[str, Any]:
    """Return what an agreement states beside its fields."""
    match = agreement.match
    conditions = {
        name: sorted(getattr(match, name))
        for name in ("destinations", "departures", "modes", "directions", "trade_modes", "natures")
        if getattr(match, name)
    }
    ends = [(one.currency, [str(end) for end in (one.minimum, one.maximum)]) for one in match.values]
    bands = [f"{currency} {' to '.join(both).replace('None', 'any')}" for currency, both in ends]
    return {
        "id": agreement.id,
        "version": agreement.version,
        "channel": agreement.channel,
        "purpose": agreement.purpose,
        "legal_basis": agreement.legal_basis,
        "effective_from": agreement.effective_from.isoformat(),
        "effective_until": agreement.effective_until.isoformat(),
        **conditions,
        **({"goods_value": bands} if bands else {}),
        "trigger": agreement.trigger,
        "required": list(agreement.required),
        "wait_limit_seconds": agreement.wait_limit,
        "wait_then": agreement.wait_then,
        "retention_days": agreement.retention_days,
        "onward": agreement.onward,
        "onward_agencies": list(agreement.onward_agencies),
        "policy": agreement.policy,
        "sha256": agreement.digest.hex(),
    }


@app.command()
def simulate(
    file: FILE,
    items: Annotated[Path, typer.Argument(help="JSON of one item or a list.", exists=True, dir_okay=False)],
    as_json: JSON_OPTION = False,
) -> None:
    """Show what the partner would see of items, value by value, and by which article.

    Items come from `gateway convert MESSAGE --to json`. Commitments and pseudonyms are of keys of zeros.
    """
    from dataclasses import asdict

    import msgspec

    from gateway.agreement import simulate as simulate_item
    from gateway.cli.printing import finding_dict, print_findings, print_json
    from gateway.errors import ConfigError
    from gateway.model import Item

    agreement = _read(file)
    try:
        read = msgspec.json.decode(items.read_bytes(), type=Item | list[Item])
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{items.name} holds no items: {error}") from error
    results = [simulate_item(agreement, one) for one in (read if isinstance(read, list) else [read])]
    if as_json:
        print_json(
            [{**asdict(one), "findings": [finding_dict(found) for found in one.findings]} for one in results]
        )
        return
    for one in results:
        for line in one.lines():
            typer.echo(line)
        print_findings(one.findings)


@app.command("diff")
def diff_command(
    before: FILE,
    after: Annotated[Path, typer.Argument(help="The other agreement.", exists=True, dir_okay=False)],
    as_json: JSON_OPTION = False,
) -> None:
    """Show what changes between two agreements; exit 1 if the second may let more leave."""
    from dataclasses import asdict

    from gateway.agreement import diff
    from gateway.cli.printing import print_json

    difference = diff(_read(before), _read(after))
    if as_json:
        print_json({**asdict(difference), "wider": difference.wider})
    else:
        for line in difference.lines():
            typer.echo(line)
        if not difference.fields and not difference.terms:
            typer.echo("no difference in substance")
    if difference.wider:
        raise typer.Exit(1)
