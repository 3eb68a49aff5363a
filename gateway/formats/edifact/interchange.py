# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An interchange as it was read, the limits of reading, and the guides that reading goes by."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from gateway.errors import ConfigError
from gateway.finding import Finding, finding
from gateway.formats.edifact.fault import Fault
from gateway.formats.edifact.guide import Guide, Identity
from gateway.formats.edifact.guide_load import load_guide
from gateway.formats.edifact.message import Message
from gateway.formats.edifact.service import Header


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read of one interchange; bytes of a segment, counts of everything else."""

    max_segment_bytes: int = 65_536
    max_message_segments: int = 200_000
    max_messages: int = 1_000_000
    max_faults: int = 1_000  # listed per message and for the envelope; the rest is counted


@dataclass(frozen=True, slots=True)
class FunctionalGroup:
    """What UNG says."""

    reference: str
    kind: str
    sender: str
    recipient: str


@dataclass(slots=True, eq=False)
class Interchange:
    """One UNB to UNZ.

    `faults` are those of the envelope; messages carry their own. `messages` is filled by `parse` only: a
    stream hands them out as they come.
    """

    number: int
    offset: int
    header: Header | None = None
    syntax: str = ""
    charset: str = ""
    faults: list[Fault] = field(default_factory=list)
    groups: list[FunctionalGroup] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    message_count: int = 0
    rejected_count: int = 0
    more: int = 0
    breaks: bool = False  # line breaks between segments were skipped

    @property
    def accepted(self) -> bool:
        """Say whether nothing forbids taking the envelope; single messages may still be refused."""
        return not any(one.rejects for one in self.faults)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return every fault of the envelope and of the messages that are held, as findings."""
        every = (*self.faults, *(one for message in self.messages for one in message.faults))
        return tuple(one.finding() for one in sorted(every, key=lambda one: one.offset))


class Guides:
    """Message guides by what UNH calls the message."""

    def __init__(self, guides: Iterable[Guide] = ()) -> None:
        """Take guides; a later one replaces an earlier one of the same identity."""
        self._guides = {one.identity: one for one in guides}

    def find(self, identity: Identity) -> Guide | None:
        """Return the guide of exactly this message, version and association code."""
        return self._guides.get(identity)

    def named(self, name: str) -> tuple[str, ...]:
        """Return the identities known for a message name."""
        return tuple(sorted(str(one) for one in self._guides if one.name == name))

    def __iter__(self) -> Iterator[Guide]:
        return iter(self._guides.values())

    def __len__(self) -> int:
        return len(self._guides)


@functools.cache
def own_guides() -> Guides:
    """Return the guides of this package: CONTRL, APERAK, and the trial message of tests and bench."""
    folder = files("gateway.formats.edifact").joinpath("guides")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return Guides(load_guide(folder.joinpath(name).read_bytes()) for name in names if name != "service.toml")


def load_guides(folders: Sequence[Path], under: Guides | None = None) -> Guides:
    """Return the guides of folders; those of a later folder replace earlier ones, and those `under` them.

    Raises:
        ConfigError: guides are wrong, or one folder says the same message twice; every fault is listed.
    """
    guides = list(under or ())
    faults: list[Finding] = []
    texts = []
    for folder in folders:
        seen: dict[Identity, str] = {}
        for file in sorted(folder.glob("*.toml")):
            try:
                guide = load_guide(file)
            except ConfigError as error:
                faults += error.findings
                texts.append(str(error))
                continue
            if guide.identity in seen:
                texts.append(f"{file.name} and {seen[guide.identity]} both describe {guide.identity}")
                faults.append(finding("EDIFACT-GUIDE", path=file.name, actual=str(guide.identity)))
            seen[guide.identity] = file.name
            guides.append(guide)
    if faults:
        raise ConfigError("\n".join(texts), tuple(faults))
    return Guides(guides)
