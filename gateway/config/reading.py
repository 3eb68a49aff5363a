# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Read the configuration file: check its keys, and make its paths absolute."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.config.group import Settings
from gateway.config.settings import Config, Forward, Statistics
from gateway.config.webhook import Webhook
from gateway.errors import ConfigError


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Read and check a configuration file, with all folders made absolute.

    Raises:
        ConfigError: the file is absent or unreadable, a key is unknown, or a value has the wrong type.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    _refuse_unknown(raw, Config, "")
    if "GATEWAY_DATABASE" in environment:
        raw.setdefault("database", {})["url"] = environment["GATEWAY_DATABASE"]
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error
    here = path.resolve().parent
    absolute = {
        name: str(here / getattr(config, name))
        for name in ("data", "keys", "partners", "agreements", "schemas")
        if getattr(config, name)
    }
    folders = tuple(msgspec.structs.replace(one, path=str(here / one.path)) for one in config.intake.folders)
    config = msgspec.structs.replace(
        config, **absolute, intake=msgspec.structs.replace(config.intake, folders=folders)
    )
    if config.forward.folder:
        config = msgspec.structs.replace(config, forward=Forward(folder=str(here / config.forward.folder)))
    if config.archive.folder:
        archive = msgspec.structs.replace(config.archive, folder=str(here / config.archive.folder))
        config = msgspec.structs.replace(config, archive=archive)
    config = _rules_beside(config, here)
    inspection = config.inspection
    files = {
        name: str(here / value)
        for name in ("pilot", "recognition", "sample_key")
        if (value := getattr(inspection, name)) and (name, value) != ("pilot", "packaged")
    }
    config = msgspec.structs.replace(config, inspection=msgspec.structs.replace(inspection, **files))
    if config.statistics.rates:
        rates = Statistics(rates=str(here / config.statistics.rates))
        config = msgspec.structs.replace(config, statistics=rates)
    if config.timestamp.trust:
        stamps = msgspec.structs.replace(config.timestamp, trust=str(here / config.timestamp.trust))
        config = msgspec.structs.replace(config, timestamp=stamps)
    tokens = {
        name: str(here / getattr(config.http, name))
        for name in ("token_file", "log_token_file")
        if getattr(config.http, name)
    }
    oidc = {
        name: str(here / getattr(config.http.oidc, name))
        for name in ("client_secret_file", "authorities")
        if getattr(config.http.oidc, name)
    }
    provider = msgspec.structs.replace(config.http.oidc, **oidc)
    http = msgspec.structs.replace(config.http, **tokens, oidc=provider)
    config = msgspec.structs.replace(config, http=http)
    webhooks = tuple(_beside(one, here) for one in config.webhook)
    config = msgspec.structs.replace(config, webhook=webhooks)
    if not config.database.url:
        url = f"sqlite:///{Path(config.data) / 'gateway.sqlite'}"
        config = msgspec.structs.replace(config, database=msgspec.structs.replace(config.database, url=url))
    return config


def _rules_beside(config: Config, here: Path) -> Config:
    """Return a configuration whose files of rules are absolute; those of the package have no path."""
    if config.enterprises.facilitation:
        rules = str(here / config.enterprises.facilitation)
        register = msgspec.structs.replace(config.enterprises, facilitation=rules)
        config = msgspec.structs.replace(config, enterprises=register)
    if config.b2b.rules not in {"", "packaged"}:
        config = msgspec.structs.replace(
            config, b2b=msgspec.structs.replace(config.b2b, rules=str(here / config.b2b.rules))
        )
    if config.returns.rules not in {"", "packaged"}:
        returns = msgspec.structs.replace(config.returns, rules=str(here / config.returns.rules))
        config = msgspec.structs.replace(config, returns=returns)
    return config


def _beside(one: Webhook, here: Path) -> Webhook:
    """Return the settings of a webhook with its files made absolute."""
    names = ("authorities", "client_certificate", "client_key", "client_secret_file")
    files = {name: str(here / getattr(one, name)) for name in names if getattr(one, name)}
    take = one.take
    if take.key_file:
        take = msgspec.structs.replace(take, key_file=str(here / take.key_file))
    return msgspec.structs.replace(one, **files, take=take)


def _refuse_unknown(raw: dict[str, Any], settings: type[Settings], where: str) -> None:
    """Refuse keys that the settings do not have, naming the nearest one that they do."""
    known = {field.encode_name: field.type for field in msgspec.structs.fields(settings)}
    for key, value in raw.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {where}{near[0]}?" if near else f"; known are {', '.join(sorted(known))}"
            raise ConfigError(f"unknown key {where}{key}{hint}")
        group = known[key]
        if isinstance(value, dict) and isinstance(group, type) and issubclass(group, Settings):
            _refuse_unknown(value, group, f"{where}{key}.")
