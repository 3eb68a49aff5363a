# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The groups of settings of a node, and the whole."""

from gateway.config.group import Settings
from gateway.config.http import Http
from gateway.config.webhook import Webhook


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
