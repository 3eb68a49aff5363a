# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which messages there are, and their tables; everything is read once, on first use."""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.gb_ens.lexical import converters
from gateway.sdk import Table, load_table

XML, JSON = "xml", "json"
FOLDER = Path(__file__).parent
NAMESPACE = "http://ics.dgtaxud.ec/"


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `outcome` is what an answer of this name says, empty for what is sent in."""

    name: str
    json_name: str
    outcome: str = ""
    phase: str = ""


MESSAGES: Mapping[str, Message] = {
    one.name: one
    for one in (
        Message("CC315A", "IE315"),
        Message("CC313A", "IE313"),
        Message("CC328A", "IE328", "registered", "receipt"),
        Message("CC316A", "IE316", "reject", "receipt"),
        Message("CC304A", "IE304", "registered", "receipt"),
        Message("CC305A", "IE305", "reject", "receipt"),
        Message("CC351A", "IE351", "intervene"),
    )
}
BY_JSON_NAME: Mapping[str, Message] = {one.json_name: one for one in MESSAGES.values()}


@functools.cache
def table(name: str, form: str = XML) -> Table:
    """Return the table of a message in a form."""
    return load_table(FOLDER / f"{name.lower()}.toml", converters(form))


@functools.cache
def containers(name: str) -> Sequence[tuple[str, int, int]]:
    """Return path, least and most of each container of a message, in message order; most 0 is no limit."""
    document = tomllib.loads((FOLDER / "structure.toml").read_text("utf-8"))
    return tuple((path, least, most) for path, least, most in document[name]["containers"])


@functools.cache
def pointers(name: str) -> Mapping[str, str]:
    """Return where the JSON form keeps each element: path of the element -> path of the key."""
    document = tomllib.loads((FOLDER / "json.toml").read_text("utf-8"))
    return dict(document[name])
