# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of a kit: three parties with their keys, what to send to the target's operator, what was sent.

`kit.json` is the file that a run is given. Beside it lie the bundle of the target, a keys folder for each
party, `send/` with all that the operator of the target must load, and `state.json` with where the channels
stand, without which a second run could not go on where the first ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from gateway.agreement import Agreement, file_name, parse, sign
from gateway.conformance import drafts
from gateway.envelope.bundle import PartnerBundle, export_bundle, read_bundle
from gateway.envelope.faulty import PINNED, faulty_key, oldest, write_faulty
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import write_keys
from gateway.envelope.whole_file import write_file
from gateway.errors import ConfigError

MAIN, BYSTANDER, LIAR = "main", "bystander", "liar"
PARTIES = (MAIN, BYSTANDER, LIAR)
FORM = 1
FILE, TARGET_FILE, STATE_FILE, SEND = "kit.json", "target.bundle.json", "state.json", "send"


class Place(msgspec.Struct, frozen=True):
    """Where a channel stands: the last sequence number taken, and the digest of its statement in hex."""

    sequence: int = 0
    digest: str = ""


class KitFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `kit.json` says."""

    form: int
    organisation: str
    target: str
    agreements: dict[str, str]


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit, read: keys by party, agreements by which they are, the target as its bundle names it."""

    folder: Path
    keys: Mapping[str, KeySet]
    agreements: Mapping[str, Agreement]
    target: PartnerBundle

    def party(self, which: str) -> str:
        """Return the organisation id of a party."""
        return self.keys[which].organisation


def party_name(organisation: str, which: str) -> str:
    """Return the organisation id of a party of a kit."""
    return organisation if which == MAIN else f"{organisation}-{which}"


def make_kit(folder: Path, organisation: str, target_bundle: bytes, now: datetime) -> list[Path]:
    """Make the folder of a kit; return the files for the operator of the target.

    Raises:
        ConfigError: there is a kit already, or the target bears a name of the kit.
        VerificationError: the bundle of the target is not good in itself.
    """
    if (folder / FILE).exists():
        raise ConfigError(f"{folder} holds a kit already; choose another folder")
    target = read_bundle(target_bundle, now)
    names = {which: party_name(organisation, which) for which in PARTIES}
    if target.organisation in names.values():
        raise ConfigError(f"the target is called {target.organisation} itself; give --organisation")
    (folder / SEND).mkdir(parents=True, mode=0o700)
    made = [_make_party(folder, which, name, now) for which, name in names.items()]
    signers = {which: KeySet.load(folder / which).seal for which in PARTIES}
    texts = drafts.drafts(names[MAIN], names[BYSTANDER], names[LIAR], target.organisation, now.date())
    kit = KitFile(
        FORM, organisation, target.organisation, {which: text.decode() for which, text in texts.items()}
    )
    for text in texts.values():
        agreement = parse(text)
        ours = next(which for which, name in names.items() if name in (agreement.sender, agreement.recipient))
        made.append(folder / SEND / file_name(agreement))
        write_file(made[-1], sign(text, signers[ours]))
    write_file(folder / TARGET_FILE, target_bundle)
    write_file(folder / FILE, msgspec.json.format(msgspec.json.encode(kit)))
    return made


def load_kit(file: Path, now: datetime) -> Kit:
    """Read the kit of which a file is the `kit.json`.

    Raises:
        ConfigError: a part is absent or wrong.
        VerificationError: the bundle of the target was altered.
    """
    folder = file.parent
    try:
        said = msgspec.json.decode(file.read_bytes(), type=KitFile)
        target = read_bundle((folder / TARGET_FILE).read_bytes(), now)
    except OSError as error:
        raise ConfigError(
            f"cannot read {error.filename}; make a kit with `gateway conformance init`"
        ) from error
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{file} is no kit: {error}") from error
    keys = {which: KeySet.load(folder / which) for which in PARTIES}
    agreements = {which: parse(text.encode()) for which, text in said.agreements.items()}
    return Kit(folder, keys, agreements, target)


def read_state(folder: Path) -> dict[str, Place]:
    """Return where the channels stood at the end of the last run."""
    try:
        return msgspec.json.decode((folder / STATE_FILE).read_bytes(), type=dict[str, Place])
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError as error:
        raise ConfigError(f"{folder / STATE_FILE} cannot be read: {error}") from error


def write_state(folder: Path, places: Mapping[str, Place]) -> None:
    """Note where the channels stand."""
    write_file(folder / STATE_FILE, msgspec.json.encode(places))


def _make_party(folder: Path, which: str, name: str, now: datetime) -> Path:
    """Make keys and bundle of one party; only the main one has faulty keys beside the good ones."""
    write_keys(folder / which, name, now, since=oldest(now))
    more = []
    if which == MAIN:
        write_faulty(folder / which, now)
        more = [faulty_key(folder / which, fault) for fault in PINNED]
    # It takes no calls: the target has nobody to connect to, and nothing waits for that.
    bundle = export_bundle(
        KeySet.load(folder / which),
        name=f"Conformance kit ({which})",
        endpoint="",
        now=now,
        collect_only=True,
        more=more,
    )
    path = folder / SEND / f"{name}.bundle.json"
    write_file(path, bundle)
    return path
