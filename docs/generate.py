# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001 - a script beside the pages, not a package
"""Write the parts of docs/ that follow from the code: settings, licences, fields, cases of conformance.

`python docs/generate.py` writes them; `tests/docs/` compares them with what this module would write.
"""

import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import get_args

import msgspec

from gateway.config import Config, Settings
from gateway.conformance.case import Family
from gateway.conformance.catalogue import CASES
from gateway.mapping import document_table
from gateway.metrics import FIGURES
from gateway.registry import load_adapters

DOCS = Path(__file__).parent
ROOT = DOCS.parent
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"
FIGURES_BEGIN, FIGURES_END = "<!-- figures: begin -->", "<!-- figures: end -->"
ADAPTERS = (
    "gacc_ceb",
    "supplement",
    "upu_edi",
    "eu_ics2",
    "ead_json",
    "gb_ens",
    "uk_cds",
    "upu_cds",
    "post_xml",
)

# Distributions of the lock file that one platform alone installs.
ELSEWHERE = {"colorama": "BSD-3-Clause"}
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

MEANING = {
    "node.organisation": "id of this organisation; must be the one in the keys",
    "node.role": "`customs` or `post`; a post takes received items as its own and passes them on as agreed",
    "node.number": "0 to 62, another one for each node on the same store; 63 is the command line",
    "node.workers": "worker processes",
    "node.lease_seconds": "how long a lane or duty stays with a node that gives no sign of life; at least 1",
    "data": "folder of state",
    "keys": "folder of private keys",
    "partners": "folder of imported bundles",
    "agreements": "folder of signed agreements",
    "schemas": "folder of official schema files; nothing reads it yet",
    "adapters": "formats that this node speaks, in the order in which they are asked",
    "database.url": "SQLAlchemy address; empty: `gateway.sqlite` in the data folder",
    "database.checkpoints": "PostgreSQL that keeps published checkpoints apart; empty: beside the tables",
    "grpc.listen": "address of the peer face",
    "grpc.reflection": "service list for development tools",
    "grpc.max_message_bytes": "largest gRPC message",
    "grpc.max_concurrent_rpcs": "calls at one time, of all callers",
    "grpc.max_stream_age_seconds": "a stream or connection is renewed after this",
    "grpc.drain_seconds": "grace for open streams when the node stops",
    "http.listen": "address of the HTTP face",
    "http.token_file": "bearer tokens; empty: this machine only",
    "http.log_token_file": "one `<partner> <token>` per line: that partner may read the log about itself",
    "http.operators": "names that have the role operator by HTTP, see [access](access.md)",
    "http.auditors": "names that have the role auditor",
    "http.proxies": "addresses of proxies before this node, whose `X-Forwarded-For` is believed",
    "http.requests_per_minute": "how often each name may ask one node; 0: without limit",
    "http.oidc.issuer": "provider that people log in to the console through (OpenID Connect); empty: none",
    "http.oidc.client_id": "name of this gateway at the provider",
    "http.oidc.client_secret_file": "file with its secret, mode 0600; empty: a public client",
    "http.oidc.console": "address at which browsers reach this gateway, `https://…` without a path",
    "http.oidc.label": "name of the provider on the login page",
    "http.oidc.scope": "what is asked for; some providers want `groups` too",
    "http.oidc.claim": "claim of the ID token that gives roles",
    "http.oidc.roles": 'values of the claim by role: `{ operator = ["duty"], auditor = ["audit"] }`',
    "http.oidc.authorities": "PEM file of authorities of its TLS; empty: those of the system",
    "http.oidc.loopback": "let a provider on this machine be asked without TLS, for tests",
    "http.oidc.timeout_seconds": "longest time for all that one login asks of the provider",
    "http.oidc.max_reply_bytes": "longest answer of the provider",
    "intake.max_compressed_bytes": "largest message as sent, if compressed",
    "intake.max_bytes": "largest message, expanded",
    "intake.max_depth": "deepest nesting",
    "intake.max_elements": "most elements",
    "intake.max_in_flight": "messages in work at one time; one more is told to come again",
    "intake.folders": "watched folders, each a table `[[intake.folders]]`",
    "intake.folders[].path": "the folder",
    "intake.folders[].adapter": "adapter of its files; empty: recognised",
    "intake.folders[].submitter": "name under which its messages are kept",
    "intake.folders[].poll_seconds": "time between two looks",
    "batch.size": "releases in a batch, at most; an agreement may say less",
    "batch.linger_ms": "how long a batch waits for more; an agreement may say less",
    "delivery.window": "envelopes on the way without a receipt",
    "delivery.backoff_first_seconds": "pause after the first failure; doubles",
    "delivery.backoff_max_seconds": "longest pause",
    "delivery.receipt_timeout_seconds": "a receipt that takes longer ends the connection",
    "delivery.circuit_open_after": "failures in a row until only the longest pause is used",
    "delivery.collect_from": "partners whose batches this node fetches",
    "audit.anchor_seconds": "time between two entries of the anchor log",
    "audit.gossip_seconds": "time between two comparisons with a partner that sends nothing",
    "audit.personal_reports": "users of this machine who may have reports with names in them",
    "xml_signature.mode": "`off`, `report` (a finding) or `require` (only valid and trusted ones)",
    "xml_signature.anchors": "PEM file of the authorities that issued the cards in use",
    "timestamp.mode": "`off`, `best-effort` (overdue: an alarm) or `required` (overdue: intake stops too)",
    "timestamp.url": "time-stamp authority (RFC 3161): https, or http on this machine",
    "timestamp.trust": "PEM file of the authorities whose stamps count",
    "timestamp.policy": "object identifier of the policy that counts; empty: any",
    "timestamp.interval_seconds": "time between two stamps, at least",
    "timestamp.max_age_seconds": "how long a published anchor checkpoint may wait for its stamp",
    "timestamp.timeout_seconds": "longest wait for an answer of the authority",
    "timestamp.tolerance_seconds": "how far its clock and ours may be apart",
    "timestamp.max_reply_bytes": "largest reply that is taken",
    "statistics.rates": "TOML file of dated exchange rates; empty: an invented sample, marked so",
    "enterprises.facilitation": "TOML file of dated rules; empty: items get no flags",
    "enterprises.registrars": "submitters that may change the register by HTTP; `grpc`: gRPC may too",
    "inspection.offices": "codes of offices, or how they begin, whose controls are recorded; empty: none",
    "inspection.recorders": "submitters that may record controls by HTTP; `grpc`: gRPC may too",
    "inspection.pilot": "`packaged` or a TOML file: offices must take part in the pilot; empty: not asked",
    "inspection.recognition": "TOML file of dated rules to rely on controls of partners; empty: none",
    "inspection.sample_key": "file of 32 bytes or more that draws samples, readable by its owner only",
    "b2b.rules": "`packaged` or a TOML file of dated rules for export lists; empty: not asked",
    "b2b.reporters": "submitters that may report stock of overseas warehouses by HTTP; `grpc`: gRPC may too",
    "returns.rules": "`packaged` or a TOML file of dated rules; empty: no returns are taken",
    "returns.deciders": "submitters that may announce, match and decide by HTTP; `grpc`: gRPC may too",
    "returns.releasers": "submitters whose receipts say when a list was released; see [returns](returns.md)",
    "returns.pilot_offices": "offices, or their first digits, of the pilot across zones; none is known",
    "forward.folder": "accepted records from partners go there as JSON; empty: they wait to be queried",
    "archive.folder": "closed days go there as Parquet, see [archive](archive.md); empty: none do",
    "archive.part_rows": "rows of one file at most, which are dropped in one transaction",
    "archive.after_days": "days after its end that a day stays in the database at least",
    "archive.return_days": "days after its opening that an account of returns keeps its day in the database",
    "webhook": "partners without a gateway, each a table `[[webhook]]`; see [webhooks](webhooks.md)",
    "webhook[].organisation": "the partner; its bundle must be exported with `--collect-only`",
    "webhook[].url": "where its batches are posted: https, or http on this machine; empty: nothing is posted",
    "webhook[].adapter": "format of the posts",
    "webhook[].message_type": "message type of that format for new records",
    "webhook[].amendment_type": "the one for changes; empty: changes are rejected",
    "webhook[].cancellation_type": "the one for cancellations; empty: cancellations are rejected",
    "webhook[].statement": "whether the sealed statement goes along in headers",
    "webhook[].authorities": "PEM file of the authorities of the partner's TLS; empty: those of the system",
    "webhook[].client_certificate": "PEM file of our certificate for mutual TLS",
    "webhook[].client_key": "its private key, mode 0600",
    "webhook[].token_url": "OAuth 2.0 token address (client credentials); empty: no tokens",
    "webhook[].client_id": "our id there",
    "webhook[].client_secret_file": "file with our secret there, mode 0600",
    "webhook[].scope": "scope to ask for",
    "webhook[].connect_seconds": "longest wait for a connection",
    "webhook[].timeout_seconds": "longest wait for the answers about one batch; "
    "less than `delivery.receipt_timeout_seconds`",
    "webhook[].max_reply_bytes": "largest answer that is taken",
    "webhook[].take.agreement": "agreement under which the partner posts to us; empty: it may not",
    "webhook[].take.adapter": "format of its posts; empty: that of ours",
    "webhook[].take.scheme": "`hmac-sha256` or `ed25519`",
    "webhook[].take.key_file": "file with the shared secret (`whsec_`) or the public key "
    "(`whpk_`), mode 0600",
    "webhook[].take.tolerance_seconds": "how far the signed time and our clock may be apart",
    "webhook[].take.max_bytes": "largest body",
    "webhook[].take.per_minute": "posts in a minute, counted by each process",
}


def settings_table() -> str:
    """Return the table of all settings, with type and default."""
    lines = ["| Key | Type | Default | Meaning |", "|---|---|---|---|"]
    lines += _settings(Config, "")
    return "\n".join(lines) + "\n"


def _settings(group: type[Settings], where: str) -> list[str]:
    """Return the rows of one group of settings and of the groups in it."""
    lines: list[str] = []
    for field in msgspec.structs.fields(group):
        key, kind = f"{where}{field.encode_name}", field.type
        if isinstance(kind, type) and issubclass(kind, Settings):
            lines += _settings(kind, f"{key}.")
            continue
        inner = next((one for one in get_args(kind) if isinstance(one, type)), None)
        shown = kind.__name__ if inner is None else "tables" if issubclass(inner, Settings) else "texts"
        if key not in MEANING:
            raise LookupError(f"docs/generate.py does not say what the setting {key} means")
        unset = field.default if field.default is not msgspec.NODEFAULT else {}
        default = "mandatory" if field.required else f"`{_plain(unset)}`"
        lines.append(f"| `{key}` | {shown} | {default} | {MEANING[key]} |")
        if inner is not None and issubclass(inner, Settings):
            lines += _settings(inner, f"{key}[].")
    return lines


def _plain(value: object) -> str:
    """Return a default as TOML writes it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_plain(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def operations(text: str) -> str:
    """Return the operations page with the settings table as it must be."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{settings_table()}\n{END}{rest.split(END)[1]}"


def metrics(text: str) -> str:
    """Return the page of figures with the table as it must be."""
    before, rest = text.split(FIGURES_BEGIN)
    lines = ["| Figure | Kind | Labels | Meaning |", "|---|---|---|---|"]
    for one in FIGURES:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        lines.append(f"| `{one.name}` | {one.kind} | {labels} | {one.meaning} |")
    table = "\n".join(lines)
    return f"{before}{FIGURES_BEGIN}\n\n{table}\n\n{FIGURES_END}{rest.split(FIGURES_END)[1]}"


def licences() -> str:
    """Return the page of licences: every distribution of the lock file."""
    rows = [
        f"| {name} | {version} | {_licence(name)} |"
        for name, version in _LOCKED.findall((ROOT / "requirements.lock").read_text("utf-8"))
    ]
    return "\n".join(
        (
            "# Licences",
            "",
            "The gateway itself is under Apache-2.0. This is what it installs to run, from",
            "`requirements.lock`, with the licence that each distribution states of itself. hatchling,",
            "editables, packaging, pathspec, pluggy and trove-classifiers only build the installation. The",
            "driver of PostgreSQL (psycopg, LGPL-3.0; its binary build holds libpq and OpenSSL), the extra",
            "`postgres`, pyarrow (Apache-2.0), which writes Parquet, the extras `parquet` and `archive`, and",
            "DuckDB (MIT), which reads it, the extra `archive`, and the SDK and exporter of OpenTelemetry",
            "(Apache-2.0), the extra `traces`, are not in the lock file. The scripts",
            "of the console are committed, with version, licence and digest in",
            "`gateway/console/static/vendored.toml`: htmx (0BSD) and uPlot (MIT).",
            "",
            "`python docs/generate.py` writes this page; a test compares it.",
            "",
            "| Distribution | Version | Licence |",
            "|---|---|---|",
            *rows,
            "",
        )
    )


def _licence(name: str) -> str:
    """Return the SPDX expression of an installed distribution."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ELSEWHERE[name]
    expression = said.get("License-Expression")
    if expression:
        return str(expression)
    text = said.get("License") or ""
    for one in (text, *(said.get_all("Classifier") or ())):
        if one in SPDX:
            return SPDX[one]
    return text.partition("\n")[0] or "not stated"


def field_pages() -> Mapping[str, str]:
    """Return the field documents by file name, and their list."""
    pages: dict[str, str] = {}
    lines = [
        "# Fields",
        "",
        "What is read from and written to each outside message, field by field, from the mapping tables of",
        "the adapters. `gateway explain --adapter NAME --type MESSAGE` prints the same.",
        "",
        "`python docs/generate.py` writes these pages; a test compares them.",
        "",
    ]
    for name, adapter in load_adapters(ADAPTERS).items():
        for message, table in sorted(adapter.tables().items()):
            page = f"{name}-{message.lower()}.md"
            pages[page] = document_table(table)
            lines.append(f"- [{name} {message}]({page})")
    pages["README.md"] = "\n".join((*lines, ""))
    return pages


def conformance_cases() -> str:
    """Return the page of all cases of conformance, by family."""
    lines = [
        "# Cases of conformance",
        "",
        f"The {len(CASES)} cases of `gateway conformance run` ([testing an implementation](conformance.md)).",
        "",
        "`python docs/generate.py` writes this page; a test compares it.",
    ]
    for family in Family:
        lines += ["", f"## {family}", "", "| Case | What must hold | Sent | Must come | Written in |"]
        lines.append("|---|---|---|---|---|")
        lines += [
            f"| `{one.id}` | {one.sentence} | {one.sends} | {one.expects} | {one.clause} |"
            for one in CASES
            if one.family is family
        ]
    return "\n".join((*lines, ""))


def main() -> None:
    """Write everything."""
    (DOCS / "conformance-cases.md").write_text(conformance_cases(), "utf-8")
    page = DOCS / "operations.md"
    page.write_text(operations(page.read_text("utf-8")), "utf-8")
    page = DOCS / "metrics.md"
    page.write_text(metrics(page.read_text("utf-8")), "utf-8")
    (DOCS / "licences.md").write_text(licences(), "utf-8")
    (DOCS / "fields").mkdir(exist_ok=True)
    for name, text in field_pages().items():
        (DOCS / "fields" / name).write_text(text, "utf-8")
    written = "settings in operations.md, metrics.md, licences.md, fields/, conformance-cases.md"
    sys.stdout.write(f"written: {written}\n")


if __name__ == "__main__":
    main()
