# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Every check of the verifiers is needed: without it a named attack gets through.

A row of `attacks/removed_checks.toml` names an attack and a check that stands in its way: a module, the text
of the check, and what is left of it when it does nothing. Each row is applied alone to a copy of the room.
"""

import itertools
import sys
import tomllib
from pathlib import Path

import pytest

from gateway import audit
from tests.audit.attacks.every import ATTACKS
from tests.audit.attacks.room import Room

CHECKS = tomllib.loads((Path(__file__).parent / "attacks/removed_checks.toml").read_text())["check"]
SOURCE = Path(audit.__file__).parent
NUMBERS = itertools.count()


@pytest.fixture(name="copied", scope="module")
def _copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rooms")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def copy_room(folder, module="", check="", remains=""):
    """Return a copy of the room under a name of its own, one check taken out of one module."""
    name = f"audit_copy_{next(NUMBERS)}"
    (folder / name).mkdir()
    for file in SOURCE.glob("*.py"):
        text = file.read_text()
        if file.stem == module:
            assert text.count(check) == 1, f"{check!r} stands {text.count(check)} times in {module}"
            text = text.replace(check, remains)
        (folder / name / file.name).write_text(text.replace("gateway.audit", name))
    return Room(name)


def test_unchanged_copy_refuses_every_attack(copied):
    """A copy of the room in which nothing is removed is as good as the room."""
    room = copy_room(copied)
    for attack in ATTACKS.values():
        attack(room)


@pytest.mark.parametrize(
    "row", CHECKS, ids=[f"{number}-{row['module']}-{row['attack']}" for number, row in enumerate(CHECKS)]
)
def test_removed_check_is_caught(row, copied):
    """Without this check the named attack is not refused as it must be."""
    room = copy_room(copied, row["module"], row["check"], row["remains"])
    # A copy that does not even import would prove nothing.
    assert getattr(room, row["module"]).__name__ == f"{room.package}.{row['module']}"
    with pytest.raises((Exception, pytest.fail.Exception)):
        ATTACKS[row["attack"]](room)


def test_every_attack_names_its_check():
    """No attack is refused by nothing in particular."""
    assert set(ATTACKS) == {row["attack"] for row in CHECKS}
