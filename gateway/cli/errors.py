# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway errors CODE`: what a finding code means and what to do."""

from typing import Annotated

import typer


def errors(
    code: Annotated[str, typer.Argument(help="A finding code; without one, all are listed.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain a finding code, or list all of them."""
    import difflib
    from dataclasses import asdict

    from gateway.cli.printing import print_json
    from gateway.finding import catalogue

    codes = catalogue()
    wanted = code.upper()
    if wanted and wanted not in codes:
        near = difflib.get_close_matches(wanted, codes, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        typer.echo(f"gateway: no finding code {wanted}{hint}", err=True)
        raise typer.Exit(2)
    rows = [codes[wanted]] if wanted else [codes[one] for one in sorted(codes)]
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows:
        typer.echo(f"{row.code}  {row.severity} {row.finding_class}\n  {row.meaning}\n  {row.remedy}")
