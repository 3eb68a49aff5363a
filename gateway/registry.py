# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Find the adapters that configuration names. Installed is not enabled."""

from collections.abc import Iterable, Mapping
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


def recognise(adapters: Mapping[str, Adapter], raw: bytes) -> str:
    """Return the name of the first adapter that recognises the bytes, empty if none does."""
    return next((name for name, adapter in adapters.items() if adapter.recognises(raw)), "")
