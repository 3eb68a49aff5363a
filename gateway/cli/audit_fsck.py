# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit fsck`: rebuild every root from what is stored, and name every row that does not fit."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.exchange.fsck_report import Report


def fsck(
    log: Annotated[str, typer.Option("--log", help="One log and what belongs to it.")] = "",
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Audit the store of this node, serving or not; exit 1 if a row was edited, lost or added."""
    from gateway.cli.audit_node import audited
    from gateway.cli.printing import finding_dict, print_json
    from gateway.cli.progress import progress
    from gateway.config import load_config
    from gateway.exchange.fsck import SelfAudit

    with audited(load_config(config)) as node, progress("Auditing the store"):
        report = node.store.run_read(lambda tx: SelfAudit(node.organisation, node.keyring).run(tx, log))
    if as_json:
        print_json(
            {
                "good": report.good,
                "logs": report.logs,
                "channels": report.channels,
                "records": report.records,
                "unkept": report.unkept,
                "seconds": round(report.seconds, 3),
                "tree_seconds": round(report.tree_seconds, 3),
                "findings": [finding_dict(one) for one in report.found.findings],
                "beyond": report.found.beyond,
            }
        )
    else:
        _print(report)
    if not report.good:
        raise typer.Exit(1)


def _print(report: "Report") -> None:
    """Print what was audited and what was found, for people."""
    from gateway.cli.printing import print_findings

    for name, size in report.logs.items():
        typer.echo(f"log {name}: {size} entries")
    for name, count in report.channels.items():
        typer.echo(f"channel {name}: {count} batches")
    typer.echo(
        f"{report.records} records, {report.unkept} entries about statements that are not kept, "
        f"{report.seconds:.1f} s"
    )
    print_findings(report.found.findings)
    if report.found.beyond:
        typer.echo(f"and {report.found.beyond} more", err=True)
    typer.echo("good" if report.good else f"bad: {len(report.found.findings) + report.found.beyond} findings")
