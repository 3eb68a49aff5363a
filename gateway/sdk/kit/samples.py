# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the kit expects of an adapter's folder.

samples/<name>.<ext>             a good message
samples/<name>.expected.json     the `DecodedMessage` that it gives (`<name>.json` beside what is no JSON)
samples/bad_<fault>.<ext>        a message with one fault; the fault is a finding code in small letters,
                                 `bad_schema_length.xml`, with `__detail` after it if there are several
samples.toml                     optional: what file names cannot say

now = 2026-06-01T12:00:00Z       the moment of writing
declared = "samples/own.toml"    given to the adapter's `with_declared` before it is checked
[bad]                            bad sample -> finding code, where its name is not the code
[idle]                           rule id -> why no sample can fill it
[unwritten]                      good sample -> why it cannot be written again
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import ConfigError
from gateway.finding import catalogue

FOLDER, PROMISES = "samples", "samples.toml"
_NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_BAD, _EXPECTED = "bad_", ".expected.json"
_KEYS: Mapping[str, type] = {"now": datetime, "declared": str, "bad": dict, "idle": dict, "unwritten": dict}


@dataclass(frozen=True, slots=True)
class Sample:
    """One message; a good one has a file of what it gives, a bad one the code of its finding, or neither."""

    path: Path
    bad: bool
    expected: Path | None = None
    code: str = ""

    @property
    def name(self) -> str:
        """Return the file name."""
        return self.path.name

    @property
    def raw(self) -> bytes:
        """Return the message."""
        return self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class Promises:
    """What `samples.toml` says."""

    now: datetime = _NOW
    declared: str = ""
    bad: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[str, str] = field(default_factory=dict)
    unwritten: Mapping[str, str] = field(default_factory=dict)


def load_promises(folder: Path) -> Promises:
    """Return what the `samples.toml` of a folder says; nothing said if there is none.

    Raises:
        ConfigError: it has an unknown key, a value of the wrong type or a code that does not exist.
    """
    file = folder / PROMISES
    if not file.is_file():
        return Promises()
    try:
        said: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file.name}: {error}") from error
    for key, value in said.items():
        if key not in _KEYS or not isinstance(value, _KEYS[key]):
            raise ConfigError(f"{file.name}: {key} is not a key, or its value is of the wrong type")
    unknown = [code for code in said.get("bad", {}).values() if code not in catalogue()]
    if unknown:
        raise ConfigError(f"{file.name}: no finding code {', '.join(map(str, unknown))}")
    return Promises(**said)


def samples_in(folder: Path, promises: Promises) -> tuple[Sample, ...]:
    """Return the samples of a folder by name; a bad sample without a code promises nothing that exists."""
    place = folder / FOLDER
    files = sorted(one for one in place.iterdir() if one.is_file()) if place.is_dir() else []
    declared = folder / promises.declared if promises.declared else None
    answers = {expected for one in files if (expected := _expected(one, files)) is not None}
    found = []
    for file in files:
        if file in answers or file.name.endswith(_EXPECTED) or file == declared:
            continue
        if file.name.startswith(_BAD):
            code = promises.bad.get(file.name) or _code(file)
            found.append(Sample(file, bad=True, code=code))
        else:
            found.append(Sample(file, bad=False, expected=_expected(file, files)))
    return tuple(found)


def expected_name(sample: Sample) -> Path:
    """Return where what a good sample gives belongs."""
    return sample.path.with_name(sample.path.stem + _EXPECTED)


def _expected(file: Path, files: list[Path]) -> Path | None:
    """Return the file of what a message gives, none if there is none."""
    if file.name.endswith(_EXPECTED) or file.name.startswith(_BAD):
        return None
    named = file.with_name(file.stem + _EXPECTED)
    if named in files:
        return named
    plain = file.with_suffix(".json")
    return plain if file.suffix != ".json" and plain in files else None


def _code(file: Path) -> str:
    """Return the finding code that a file name spells, empty if it spells none."""
    code = file.stem.removeprefix(_BAD).partition("__")[0].upper().replace("_", "-")
    return code if code in catalogue() else ""
