# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway keys`: change the keys of a node without a pause, partners being told over the channel itself.

`gateway pki` moves the files of one purpose by hand; here the node and its partners do it together.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.bootstrap import Steps
    from gateway.exchange.rotation import Face, Standing

app = typer.Typer(help="Rotate the keys of a node, and tell partners in band.", no_args_is_help=True)

ConfigOption = Annotated[Path, typer.Option("--config", help="Configuration file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HOUR_MS = 3_600_000


@app.command("rotate")
def rotate(
    *,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", help="tls, seal or receipt; repeatable; else all three.")
    ] = None,
    overlap_hours: Annotated[
        float, typer.Option("--overlap-hours", min=0, help="How long old and new both hold after the switch.")
    ] = 168.0,
    name: Annotated[str, typer.Option("--name", help="Name in the bundle that partners have.")] = "",
    endpoint: Annotated[str, typer.Option("--endpoint", help="host:port in that bundle.")] = "",
    http: Annotated[str, typer.Option("--http", help="URL in that bundle, if there is one.")] = "",
    collect_only: Annotated[
        bool, typer.Option("--collect-only", help="That bundle says that partners cannot call.")
    ] = False,
    wait: Annotated[float, typer.Option("--wait", help="Seconds to wait for partners.")] = 30.0,
    config: ConfigOption = Path("gateway.toml"),
    as_json: JsonOption = False,
) -> None:
    """Make new keys, announce them to every partner, and use them once all have confirmed.

    The old keys stay valid for the overlap; then the node ends them and tells partners so. Run it again to
    see how far it is. Exit 1 while a partner has not confirmed.
    """
    import time

    from gateway.envelope.keys import Purpose
    from gateway.errors import ConfigError
    from gateway.exchange.rotation import ANNOUNCED, PURPOSES, Face

    chosen = tuple(dict.fromkeys(purpose or PURPOSES))
    if not set(chosen) <= set(PURPOSES):
        raise ConfigError(f"these keys rotate in band: {', '.join(PURPOSES)}; others by `gateway pki rotate`")
    if bool(name) != bool(endpoint or collect_only):
        raise ConfigError("--name goes with --endpoint or --collect-only")
    face = Face(name, endpoint, collect_only, http) if name else _last_face(config)

    async def work(steps: "Steps") -> "Standing | None":
        import asyncio

        rotation, end = steps.key_life.rotation, time.monotonic() + wait
        await rotation.start(tuple(Purpose(one) for one in chosen), int(overlap_hours * HOUR_MS), face)
        while True:
            await rotation.advance()
            await steps.key_life.follower.look()
            found = await rotation.standing()
            if found is None or found.row.state != ANNOUNCED or time.monotonic() > end:
                return found
            await asyncio.sleep(0.5)

    _print(_with_steps(config, work), as_json=as_json)


@app.command("switch")
def switch(config: ConfigOption = Path("gateway.toml"), as_json: JsonOption = False) -> None:
    """Use the new keys though a partner has not confirmed them in band.

    Only when its operator says that the new bundle is imported: what is sealed with keys that a partner does
    not know is refused, and the channel stops.
    """

    async def work(steps: "Steps") -> "Standing | None":
        await steps.key_life.rotation.switch()
        await steps.key_life.follower.look()
        return await steps.key_life.rotation.standing()

    _print(_with_steps(config, work), as_json=as_json)


@app.command("retire")
def retire(config: ConfigOption = Path("gateway.toml"), as_json: JsonOption = False) -> None:
    """End the overlap now: tell partners of a bundle without the old keys, and destroy them."""

    async def work(steps: "Steps") -> "Standing | None":
        await steps.key_life.follower.look()
        await steps.key_life.rotation.retire()
        await steps.key_life.rotation.advance()
        await steps.key_life.follower.look()
        return await steps.key_life.rotation.standing()

    _print(_with_steps(config, work), as_json=as_json)


@app.command("status")
def status(config: ConfigOption = Path("gateway.toml"), as_json: JsonOption = False) -> None:
    """Show how far the last rotation is; exit 1 while a partner has not confirmed."""

    async def work(steps: "Steps") -> "Standing | None":
        return await steps.key_life.rotation.standing()

    _print(_with_steps(config, work), as_json=as_json)


def _with_steps(
    config: Path, work: "Callable[[Steps], Awaitable[Standing | None]]"
) -> "tuple[Standing | None, str]":
    """Work on the store of a node, whether or not it is serving; return what came of it, and who we are."""
    import asyncio

    from gateway.config import load_config
    from gateway.node import configure_logs, with_steps

    configure_logs()
    node = load_config(config)
    return asyncio.run(with_steps(node, work)), node.node.organisation


def _last_face(config: Path) -> "Face | None":
    """Return what the bundle beside the configuration says, which `gateway partner export` wrote."""
    from gateway.config import load_config
    from gateway.envelope.bundle import read_bundle
    from gateway.exchange.rotation import Face

    file = config.parent / f"{load_config(config).node.organisation}.bundle.json"
    return Face.of(read_bundle(file.read_bytes(), _now())) if file.exists() else None


def _now() -> Any:
    """Return the time."""
    from gateway.clock import system_clock

    return system_clock()


def _print(done: "tuple[Standing | None, str]", *, as_json: bool) -> None:
    """Say how far a rotation is, and what people must do; exit 1 if it waits for a partner."""
    from gateway.cli.printing import print_json

    standing, organisation = done
    shown = {} if standing is None else _described(standing)
    if as_json:
        print_json(shown)
    elif standing is None:
        typer.echo("no keys were ever rotated in band")
    else:
        for line in _lines(shown, organisation):
            typer.echo(line)
    if standing is not None and standing.waits_for:
        raise typer.Exit(1)


def _described(standing: "Standing") -> dict[str, Any]:
    """Return a rotation in plain values."""
    from gateway.clock import moment

    row = standing.row
    ends = row.retired_at or (row.switched_at + row.overlap_ms if row.switched_at else 0)
    moments = {
        "started_at": row.started_at,
        "switched_at": row.switched_at,
        "old_keys_end_at": ends,
        "retired_at": row.retired_at,
    }
    return {
        "state": row.state,
        "purposes": row.purposes.split(","),
        "serial": row.serial,
        "keys": dict(row.targets),
        **{name: moment(at).isoformat() if at else "" for name, at in moments.items()},
        "partners": [
            {
                "partner": one.partner,
                "state": one.state,
                "reason": one.reason,
                "answered_at": moment(one.answered_at).isoformat() if one.answered_at else "",
            }
            for one in standing.told
        ],
    }


def _lines(shown: dict[str, Any], organisation: str) -> list[str]:
    """Return a rotation for people."""
    lines = [f"{', '.join(shown['purposes'])}: {shown['state']}, bundle {shown['serial']}"]
    if shown["old_keys_end_at"]:
        lines[0] += f", the old keys end at {shown['old_keys_end_at'][:19]}"
    lines += [
        f"  {one['partner']:16} {one['state']:10} {one['reason'] or one['answered_at'][:19]}"
        for one in shown["partners"]
    ]
    if any(one["state"] == "by-hand" for one in shown["partners"]):
        file = f"{organisation}.bundle.json"
        lines += [
            "a partner cannot be told in band; do it by hand:",
            f"  gateway partner export --name NAME --endpoint HOST:PORT   # send {file} to the partner",
            f"  gateway partner import {file}   # there, after comparing the fingerprint by telephone",
            "  gateway keys switch   # here, when every such partner says that it is done",
        ]
    return lines
