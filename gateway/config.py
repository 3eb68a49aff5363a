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
    """Who this gateway is. `number` (0-62) tells nodes on one store apart; `role` is customs or post.

    A post takes the items that partners send as items of its own, to pass them on as agreements allow. After
    `lease_seconds` without a sign of life the other nodes do what a node did.
    """

    organisation: str
    role: str = "customs"
    number: int = 0
    workers: int = 1
    lease_seconds: float = 15.0


class Database(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where everything durable lives; an empty `url` means SQLite in the data folder.

    `checkpoints` is the address of PostgreSQL where published checkpoints are kept apart from it.
    """

    url: str = ""
    checkpoints: str = ""


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
    `operators` and `auditors` are the names of tokens that have these roles; all others are submitters.
    """

    listen: str = "127.0.0.1:7480"
    token_file: str = ""
    log_token_file: str = ""
    operators: tuple[str, ...] = ("local",)
    auditors: tuple[str, ...] = ()


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


class Timestamp(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time stamps (RFC 3161) on checkpoints of the anchor log; times in seconds.

    `mode` is off, best-effort or required. `trust` is a file of PEM certificates of authorities; an empty
    `policy` lets any count. A checkpoint that has waited for longer than `max_age_seconds` is overdue.
    """

    mode: str = "off"
    url: str = ""
    trust: str = ""
    policy: str = ""
    interval_seconds: float = 3600.0
    max_age_seconds: float = 14_400.0
    timeout_seconds: float = 20.0
    tolerance_seconds: float = 300.0
    max_reply_bytes: int = 65_536


class XmlSignature(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """XML signatures of incoming messages: `mode` is off, report or require, `anchors` a file of PEM."""

    mode: str = "off"
    anchors: str = ""


class Statistics(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trade statistics; without `rates` values are converted by an invented sample."""

    rates: str = ""


class Enterprises(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The register of enterprises; `registrars` may change it by HTTP, `grpc` among them by gRPC.

    `facilitation` is a file of dated rules, or empty for none.
    """

    facilitation: str = ""
    registrars: tuple[str, ...] = ("local",)


class Inspection(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Controls before shipment: who records them, and how those of partners are relied on.

    `offices` are codes or how they begin. `recorders` may record by HTTP, `grpc` among them by gRPC. `pilot`
    is `packaged` or a file of dated data, empty asks for no pilot. `recognition` is a file of dated rules,
    empty decides nothing; `sample_key` is the file of the key by which samples are drawn.
    """

    offices: tuple[str, ...] = ()
    recorders: tuple[str, ...] = ("local",)
    pilot: str = ""
    recognition: str = ""
    sample_key: str = ""


class B2b(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Export lists and their orders, and the stock of overseas warehouses.

    `rules` is `packaged`, a file, or empty for none. `reporters` report stock by HTTP, as `grpc` by gRPC.
    """

    rules: str = ""
    reporters: tuple[str, ...] = ("local",)


class Returns(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Returns of goods; `rules` is a file of dated rules, `packaged`, or empty for no returns at all.

    `deciders` announce, match and decide by HTTP, with `grpc` among them by gRPC; receipts of `releasers`
    (`name`, or `name|SenderId` in envelopes) say when a list was released. `pilot_offices`: or first digits.
    """

    rules: str = ""
    deciders: tuple[str, ...] = ("local",)
    pilot_offices: tuple[str, ...] = ()
    releasers: tuple[str, ...] = ()


class Forward(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where accepted records from partners go; empty leaves them to be queried."""

    folder: str = ""


class Archive(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where closed days go as Parquet; without `folder` nothing is archived.

    A file holds up to `part_rows` rows, which are dropped in one transaction. A day stays until `after_days`
    after it ended, and until `return_days` after the last account of a return of its items was opened.
    """

    folder: str = ""
    part_rows: int = 20_000
    after_days: int = 60
    return_days: int = 366


class WebhookTake(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a partner without a gateway may post to us; without `agreement` nothing. Times in seconds.

    `scheme` is hmac-sha256 (`key_file` holds the secret) or ed25519 (it holds the public key).
    """

    agreement: str = ""
    adapter: str = ""
    scheme: str = "hmac-sha256"
    key_file: str = ""
    tolerance_seconds: float = 300.0
    max_bytes: int = 4 * 1024 * 1024
    per_minute: int = 60


class Webhook(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A partner without a gateway: where its batches are posted, in which format, and what it may post to us.

    An empty `url` posts nothing. Times in seconds. Secrets stand in files that only their owner may read.
    """

    organisation: str
    url: str = ""
    adapter: str = ""
    message_type: str = ""
    amendment_type: str = ""
    cancellation_type: str = ""
    statement: bool = True
    authorities: str = ""
    client_certificate: str = ""
    client_key: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret_file: str = ""
    scope: str = ""
    connect_seconds: float = 5.0
    timeout_seconds: float = 10.0
    max_reply_bytes: int = 65_536
    take: WebhookTake = WebhookTake()


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
    timestamp: Timestamp = Timestamp()
    xml_signature: XmlSignature = XmlSignature()
    forward: Forward = Forward()
    archive: Archive = Archive()
    statistics: Statistics = Statistics()
    enterprises: Enterprises = Enterprises()
    inspection: Inspection = Inspection()
    b2b: B2b = B2b()
    returns: Returns = Returns()
    webhook: tuple[Webhook, ...] = ()


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
    config = msgspec.structs.replace(config, http=msgspec.structs.replace(config.http, **tokens))
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
