# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway partner`: exchange bundles with other organisations, and test the way to them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.clock import system_clock

app = typer.Typer(help="Exchange bundles with partners and test the way to them.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
KeysOption = Annotated[Path | None, typer.Option("--keys", help="Keys folder; else from configuration.")]
PartnersOption = Annotated[
    Path | None, typer.Option("--partners", help="Folder of bundles; else from configuration.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("export")
def export(
    *,
    name: Annotated[str, typer.Option("--name", help="Name of this organisation, for people.")],
    endpoint: Annotated[str, typer.Option("--endpoint", help="host:port where partners call.")] = "",
    collect_only: Annotated[
        bool, typer.Option("--collect-only", help="Partners cannot call; this side collects.")
    ] = False,
    http: Annotated[str, typer.Option("--http", help="URL of the HTTP face, if partners use it.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="File; else <organisation>.bundle.json.")] = None,
    keys: KeysOption = None,
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Write this organisation's bundle, signed by every one of its keys."""
    from gateway.cli.printing import print_json
    from gateway.envelope.bundle import export_bundle, fingerprint
    from gateway.envelope.identity import KeySet
    from gateway.envelope.whole_file import write_file

    keyset = KeySet.load(keys or _configured(config).keys)
    raw = export_bundle(
        keyset, name=name, endpoint=endpoint, now=system_clock(), collect_only=collect_only, http=http
    )
    path = out or Path(f"{keyset.organisation}.bundle.json")
    write_file(path, raw)
    if as_json:
        print_json({"file": str(path), "organisation": keyset.organisation, "fingerprint": fingerprint(raw)})
        return
    typer.echo(f"{path}\nfingerprint {fingerprint(raw)}")
    typer.echo("send the file, and let the partner compare the fingerprint by telephone", err=True)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Bundle file.", exists=True, dir_okay=False)],
    *,
    fingerprint: Annotated[str, typer.Option(help="Fingerprint as the partner read it out.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="The fingerprint was compared already.")] = False,
    replace_trust: Annotated[
        bool, typer.Option("--replace-trust", help="Take other authorities than before.")
    ] = False,
    partners: PartnersOption = None,
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Check a partner's bundle and store it.

    Exit 1 if it is refused, or if neither --fingerprint nor --yes says that the fingerprint was compared.
    """
    from gateway.cli.printing import print_json
    from gateway.envelope import bundle
    from gateway.envelope.partners import import_bundle

    now = system_clock()
    raw = file.read_bytes()
    read = bundle.read_bundle(raw, now)
    shown = bundle.fingerprint(raw)
    typer.echo(f"{read.organisation}: {read.name}, {read.endpoint or 'collects'}", err=True)
    typer.echo(f"fingerprint {shown}", err=True)
    if not fingerprint and not yes:
        typer.echo("compare it with the partner, then give it with --fingerprint, or say --yes", err=True)
        raise typer.Exit(1)
    own = "" if partners is not None and not config.exists() else _configured(config).node.organisation
    done = import_bundle(
        raw,
        partners or Path(_configured(config).partners),
        now=now,
        own_organisation=own,
        expected_fingerprint=fingerprint or None,
        replace_trust=replace_trust,
    )
    if as_json:
        print_json(
            {
                "file": str(done.path),
                "organisation": read.organisation,
                "fingerprint": shown,
                "changed": done.changed,
            }
        )
    else:
        typer.echo(f"{done.path}{'' if done.changed else ' (unchanged)'}")


@app.command("list")
def list_(
    partners: PartnersOption = None,
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """List partners and their certificates with days left."""
    from gateway.cli.pki import print_rows
    from gateway.cli.printing import print_json
    from gateway.envelope.key_rows import key_rows
    from gateway.envelope.partners import load_bundles

    folder = partners or Path(_configured(config).partners)
    rows: list[dict[str, Any]] = [
        {
            "organisation": one.organisation,
            "name": one.name,
            "endpoint": one.endpoint,
            "collect_only": one.collect_only,
            "serial": one.serial,
            "issued_at": one.issued_at.isoformat(),
            "keys": key_rows(one.material(), {}, system_clock()),
        }
        for one in load_bundles(folder, system_clock()).values()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['organisation']}: {row['name']}, {row['endpoint'] or 'collects'}")
        print_rows(row["keys"])
    if not rows:
        typer.echo(f"no partners in {folder}; import a bundle with `gateway partner import`", err=True)


@app.command("test")
def try_way(
    organisation: Annotated[str, typer.Argument(help="Organisation id of the partner.")],
    *,
    timeout: Annotated[float, typer.Option(help="Seconds for each layer.")] = 10.0,
    keys: KeysOption = None,
    partners: PartnersOption = None,
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Test the way to a partner layer by layer: name, TCP, TLS, certificate, echo, clock, agreements.

    Exit 1 at the first layer that fails.
    """
    from dataclasses import asdict

    from gateway.cli.printing import print_json
    from gateway.client.probe import probe
    from gateway.envelope.identity import KeySet
    from gateway.envelope.partners import load_bundle

    bundle = load_bundle(partners or Path(_configured(config).partners), organisation, system_clock())
    keyset = KeySet.load(keys or _configured(config).keys)
    layers = []
    for layer in probe(bundle, keyset, clock=system_clock, timeout=timeout):
        layers.append(layer)
        if not as_json:
            typer.echo(f"{layer.name:12} {layer.state:8} {layer.detail}")
    if as_json:
        print_json([asdict(layer) for layer in layers])
    if any(layer.state == "failed" for layer in layers):
        raise typer.Exit(1)


def _configured(path: Path) -> Any:
    """Read the configuration, only when an option does not make it needless."""
    from gateway.config import load_config

    return load_config(path)
