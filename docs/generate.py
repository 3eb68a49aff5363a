# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001 - a script beside the pages, not a package
"""Write the parts of docs/ that follow from the code: settings, licences, fields of the outside messages.

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
from gateway.mapping import document_table
from gateway.registry import load_adapters

DOCS = Path(__file__).parent
ROOT = DOCS.parent
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"
ADAPTERS = ("gacc_ceb", "supplement")

# Distributions of the lock file that one platform alone installs.
ELSEWHERE = {"colorama": "BSD-3-Clause"}
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

MEANING = {
    "node.organisation": "id of this organisation; must be the one in the keys",
    "node.role": "`customs` or `post`; nothing depends on it yet",
    "node.number": "0 to 62, another one for each node on the same store; 63 is the command line",
    "node.workers": "worker processes",
    "data": "folder of state",
    "keys": "folder of private keys",
    "partners": "folder of imported bundles",
    "agreements": "folder of signed agreements",
    "schemas": "folder of official schema files; nothing reads it yet",
    "adapters": "formats that this node speaks, in the order in which they are asked",
    "database.url": "SQLAlchemy address; empty: `gateway.sqlite` in the data folder",
    "grpc.listen": "address of the peer face",
    "grpc.reflection": "service list for development tools",
    "grpc.max_message_bytes": "largest gRPC message",
    "grpc.max_concurrent_rpcs": "calls at one time, of all callers",
    "grpc.max_stream_age_seconds": "a stream or connection is renewed after this",
    "grpc.drain_seconds": "grace for open streams when the node stops",
    "http.listen": "address of the HTTP face",
    "http.token_file": "bearer tokens; empty: this machine only",
    "http.log_token_file": "one `<partner> <token>` per line: that partner may read the log about itself",
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
    "forward.folder": "accepted records from partners go there as JSON; empty: they wait to be queried",
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
        default = "mandatory" if field.required else f"`{_plain(field.default)}`"
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
            "optional PostgreSQL driver (psycopg, LGPL-3.0) is not in the lock file.",
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
    return text or "not stated"


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


def main() -> None:
    """Write everything."""
    page = DOCS / "operations.md"
    page.write_text(operations(page.read_text("utf-8")), "utf-8")
    (DOCS / "licences.md").write_text(licences(), "utf-8")
    (DOCS / "fields").mkdir(exist_ok=True)
    for name, text in field_pages().items():
        (DOCS / "fields" / name).write_text(text, "utf-8")
    sys.stdout.write("written: settings in operations.md, licences.md, fields/\n")


if __name__ == "__main__":
    main()
