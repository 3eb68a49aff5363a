# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find the adapters that configuration names. Installed is not enabled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from gateway.errors import ConfigError
from gateway.sdk import Adapter

GROUP = "ead_gateway.adapters"


def load_adapters(
    enabled: Iterable[str], installed: Iterable[EntryPoint] | None = None
) -> Mapping[str, Adapter]:
    """Return the enabled adapters by name, in the order of configuration.

    Raises:
        ConfigError: a name is not installed or offered twice, or an adapter calls itself otherwise.
    """
    offers: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=GROUP) if installed is None else installed:
        offers.setdefault(point.name, []).append(point)
    adapters: dict[str, Adapter] = {}
    for name in enabled:
        points = {point.value: point for point in offers.get(name, [])}
        if not points:
            raise ConfigError(
                f"adapter {name} is not installed; installed are {', '.join(sorted(offers)) or 'none'}"
            )
        if len(points) > 1:
            raise ConfigError(f"adapter {name} is offered twice: {', '.join(sorted(points))}")
        if name in adapters:
            raise ConfigError(f"adapter {name} is enabled twice")
        adapter: Adapter = next(iter(points.values())).load()
        if adapter.name != name:
            raise ConfigError(f"adapter {name} calls itself {adapter.name}")
        adapters[name] = adapter
    return adapters


@dataclass(frozen=True, slots=True)
class Installed:
    """One adapter that is there, whether or not anything enables it; `problem` says why it cannot be used."""

    name: str
    distribution: str
    message_types: tuple[str, ...] = ()
    problem: str = ""
    adapter: Adapter | None = None


def installed(points: Iterable[EntryPoint] | None = None) -> list[Installed]:
    """Return every adapter that is installed, by name; one that is broken does not hide the others."""
    by_name: dict[str, EntryPoint] = {}
    offered = list(entry_points(group=GROUP) if points is None else points)
    for point in offered:
        by_name.setdefault(point.name, point)
    return [_look_at(name, by_name[name], offered) for name in sorted(by_name)]


def _look_at(name: str, point: EntryPoint, offered: Iterable[EntryPoint]) -> Installed:
    distribution = point.dist.name if point.dist is not None else ""
    try:
        adapter = load_adapters((name,), offered)[name]
        return Installed(name, distribution, tuple(adapter.tables()), "", adapter)
    except Exception as error:  # noqa: BLE001 - a foreign package may fail in any way
        return Installed(name, distribution, problem=f"broken: {type(error).__name__}: {error}")


def recognise(adapters: Mapping[str, Adapter], raw: bytes) -> str:
    """Return the name of the first adapter that recognises the bytes, empty if none does."""
    return next((name for name, adapter in adapters.items() if adapter.recognises(raw)), "")
