# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway pki`: the development PKI of this organisation, in one folder.

In production the certificates come from the organisation's own authority; `certs/README.md` says how.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.clock import system_clock

app = typer.Typer(help="Make and care for the keys of this organisation.", no_args_is_help=True)

FolderOption = Annotated[Path, typer.Option("--folder", help="Keys folder.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("create")
def create(
    organisation: Annotated[str, typer.Option("--organisation", help="Organisation id.")],
    folder: FolderOption = Path("keys"),
    host: Annotated[
        list[str] | None, typer.Option("--host", help="Name or address of the gateway; repeatable.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make an authority and every key of every purpose."""
    from gateway.envelope.issue import DEFAULT_HOSTS, write_keys

    now = system_clock()
    write_keys(folder, organisation, now, tuple(dict.fromkeys((*DEFAULT_HOSTS, *(host or ())))))
    _print_keys(folder, as_json=as_json)
    typer.echo(f"development keys of {organisation} are in {folder}", err=True)


@app.command("show")
def show(
    folder: Annotated[Path, typer.Argument(help="Keys folder.")] = Path("keys"), as_json: JsonOption = False
) -> None:
    """List the keys of a folder with their state.

    Exit 1 if a present key cannot be used now.
    """
    if not _print_keys(folder, as_json=as_json):
        raise typer.Exit(1)


@app.command("rotate")
def rotate(
    purpose: Annotated[str, typer.Argument(help="tls, seal, receipt, log or witness.")],
    folder: FolderOption = Path("keys"),
    activate: Annotated[bool, typer.Option("--activate", help="Bring the next keys into use.")] = False,
    retire: Annotated[bool, typer.Option("--retire", help="Destroy the old private keys.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the next keys of a purpose beside the present ones.

    Then export a bundle, have the partners import it, and run this again with --activate. The old keys stay
    valid, and in the bundle, until --retire destroys them.
    """
    from gateway.envelope import issue
    from gateway.envelope.key_moves import moved_alone
    from gateway.envelope.keys import Purpose
    from gateway.errors import ConfigError

    if purpose not in set(Purpose):
        raise ConfigError(f"unknown purpose {purpose}; known are {', '.join(Purpose)}")
    if activate and retire:
        raise ConfigError("--activate and --retire are two steps")
    which = Purpose(purpose)
    if activate:
        with moved_alone(folder):
            issue.activate(folder, which)
        said = f"the next {purpose} keys are in use; restart the gateway"
    elif retire:
        with moved_alone(folder):
            issue.retire(folder, which)
        said = f"the old {purpose} keys are destroyed; export a bundle for the partners"
    else:
        issue.rotate(folder, which, system_clock())
        said = f"the next {purpose} keys are made; export a bundle before you bring them into use"
    _print_keys(folder, as_json=as_json)
    typer.echo(said, err=True)


@app.command("revoke")
def revoke(
    certificate: Annotated[Path, typer.Argument(help="Certificate file.", exists=True, dir_okay=False)],
    folder: FolderOption = Path("keys"),
    reason: Annotated[str, typer.Option(help="Reason as in RFC 5280.")] = "unspecified",
    since: Annotated[str, typer.Option(help="When the key was lost, ISO 8601 with zone.")] = "",
) -> None:
    """Put a certificate on the revocation list; export a bundle afterwards, so that partners learn of it."""
    from datetime import datetime

    from gateway.envelope.revoke import Reason
    from gateway.envelope.revoke import revoke as revoke_certificate
    from gateway.errors import ConfigError

    if reason not in set(Reason):
        raise ConfigError(f"unknown reason {reason}; known are {', '.join(Reason)}")
    try:
        invalid_since = datetime.fromisoformat(since) if since else None
    except ValueError as error:
        raise ConfigError(f"--since: {error}") from error
    if invalid_since is not None and invalid_since.tzinfo is None:
        raise ConfigError("--since needs a time zone, for instance 2026-11-22T10:00:00Z")
    revoke_certificate(
        folder, certificate, system_clock(), reason=Reason(reason), invalid_since=invalid_since
    )
    typer.echo(f"{certificate.name} is revoked; export a bundle for the partners", err=True)


@app.command("renew-crl")
def renew_crl(folder: FolderOption = Path("keys")) -> None:
    """Issue the revocation list again with new dates; export a bundle afterwards."""
    from gateway.envelope.revoke import renew

    renew(folder, system_clock())
    typer.echo("the revocation list has new dates; export a bundle for the partners", err=True)


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Write key rows as a table for people."""
    for row in rows:
        typer.echo(
            f"  {row['purpose']:8} {row['slot']:8} {row['algorithm']:18} {row['key_id'][:16]}"
            f"  until {row['not_after'][:10]} ({row['days_left']} days)  {row['state']}"
        )


def _print_keys(folder: Path, *, as_json: bool) -> bool:
    """Print the keys of a folder; say whether every present one is good."""
    from gateway.cli.printing import finding_dict, print_findings, print_json
    from gateway.envelope import certificates
    from gateway.envelope.identity import KeySet
    from gateway.envelope.key_rows import key_rows
    from gateway.envelope.material import judge

    keyset = KeySet.load(folder)
    slots = {
        certificates.digest(certificates.load(own.certificate)): (
            "retired" if own.signer is None else own.slot.removeprefix(".") or "present"
        )
        for own in keyset.keys
    }
    material = keyset.material()
    rows = key_rows(material, slots, system_clock())
    problems = judge(material, now=system_clock()).findings
    if as_json:
        print_json(
            {
                "organisation": keyset.organisation,
                "keys": rows,
                "findings": [finding_dict(one) for one in problems],
            }
        )
    else:
        typer.echo(f"{keyset.organisation}")
        print_rows(rows)
        print_findings(problems)
    return not problems and all(row["state"] == "good" for row in rows if row["slot"] == "present")
