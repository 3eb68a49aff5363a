# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The one configuration file of a node: every setting, its default and its unit in sight.

Unknown keys are refused with the nearest known one. Relative paths are relative to the file.
`GATEWAY_DATABASE` overrides `database.url`.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.errors import ConfigError


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all groups of settings share."""


class Node(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who this gateway is. `number` (0-63) tells nodes on one store apart; `role` is customs or post."""

    organisation: str
    role: str = "customs"
    number: int = 0
    workers: int = 1


class Database(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where everything durable lives; empty means SQLite in the data folder."""

    url: str = ""


class Grpc(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The peer face; `reflection` is for development. Sizes in bytes, times in seconds."""

    listen: str = "127.0.0.1:7443"
    reflection: bool = False
    max_message_bytes: int = 8 * 1024 * 1024
    max_concurrent_rpcs: int = 256
    max_stream_age_seconds: int = 3600
    drain_seconds: int = 10


class Http(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The intake and health face; without `token_file` it serves loopback addresses only.

    `log_token_file` has one `<partner> <token>` per line: with it that partner reads the log about itself,
    and brings its checkpoints to be cosigned, over HTTP. Without it only this node's own side does.
    """

    listen: str = "127.0.0.1:7480"
    token_file: str = ""
    log_token_file: str = ""


class Folder(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A watched folder: files are taken when complete and moved to done, refused or failed inside it.

    `submitter` is in whose name they come. All ways that only this node's own side can use share one name, so
    that a change may come by another way than what it changes.
    """

    path: str
    adapter: str = ""
    submitter: str = "local"
    poll_seconds: float = 0.5


class IntakeLimits(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one message may cost; checked before anything is accepted."""

    max_compressed_bytes: int = 8 * 1024 * 1024
    max_bytes: int = 32 * 1024 * 1024
    max_depth: int = 32
    max_elements: int = 500_000
    max_in_flight: int = 32
    folders: tuple[Folder, ...] = ()


class Batching(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a batch closes: at `size` releases or after `linger_ms`."""

    size: int = 256
    linger_ms: int = 50


class Delivery(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How batches reach partners: envelopes without a receipt at one time, pauses after failures.

    `collect_from` names partners whose batches we fetch because we take no inbound connections.
    """

    window: int = 16
    backoff_first_seconds: float = 0.5
    backoff_max_seconds: float = 60.0
    receipt_timeout_seconds: float = 30.0
    circuit_open_after: int = 5
    collect_from: tuple[str, ...] = ()


class Audit(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often, in seconds, logs are anchored, and compared with partners when there is no traffic.

    `personal_reports` names the users of this machine who may have reports with names in them.
    """

    anchor_seconds: float = 60.0
    gossip_seconds: float = 30.0
    personal_reports: tuple[str, ...] = ()


class Forward(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where accepted records from partners go; empty leaves them to be queried."""

    folder: str = ""


class Config(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole node.

    Folders: `data` state, `keys` private keys, `partners` bundles, `agreements` signed files.
    """

    node: Node
    data: str = "data"
    keys: str = "keys"
    partners: str = "partners"
    agreements: str = "agreements"
    schemas: str = ""
    adapters: tuple[str, ...] = ("gacc_ceb", "supplement")
    database: Database = Database()
    grpc: Grpc = Grpc()
    http: Http = Http()
    intake: IntakeLimits = IntakeLimits()
    batch: Batching = Batching()
    delivery: Delivery = Delivery()
    audit: Audit = Audit()
    forward: Forward = Forward()


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
    tokens = {
        name: str(here / getattr(config.http, name))
        for name in ("token_file", "log_token_file")
        if getattr(config.http, name)
    }
    config = msgspec.structs.replace(config, http=msgspec.structs.replace(config.http, **tokens))
    if not config.database.url:
        url = f"sqlite:///{Path(config.data) / 'gateway.sqlite'}"
        config = msgspec.structs.replace(config, database=Database(url=url))
    return config


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
