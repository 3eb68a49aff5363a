# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys change whole: a change cut off anywhere is finished by who comes next, and nobody sees half of one."""

import itertools
import multiprocessing
import os
import shutil
import threading
from pathlib import Path

import pytest

from gateway.envelope import issue, key_moves
from gateway.envelope.identity import LAYOUT, KeySet
from gateway.envelope.key_moves import OLD, PLAN, moved_alone
from gateway.envelope.keys import Purpose
from gateway.errors import ConfigError

PLANNED = 2  # an old temporary file is cleared away, and the plan stands


class PowerFails(BaseException):
    """The process is gone: nothing behind this runs."""


@pytest.fixture(name="next_keys")
def _next_keys(folder, now):
    """A folder with the next seal keys, and the ids that are present now and afterwards."""
    before = present(KeySet.load(folder))
    issue.rotate(folder, Purpose.SEAL, now)
    after = {one.name: one.signer.key_id for one in KeySet.load(folder).keys if one.slot == ".next"}
    return folder, before, before | after


def present(keys):
    """Return the ids of the present keys by name."""
    return {one.name: one.signer.key_id for one in keys.keys if one.slot == "" and one.signer}


def cut_off_after(steps, monkeypatch, change):
    """Run a change in which the power fails after so many moves; say whether it got to its end before."""
    left = itertools.count(steps, -1)

    def counted(move):
        def run(*arguments, **options):
            if next(left) <= 0:
                raise PowerFails
            return move(*arguments, **options)

        return run

    with monkeypatch.context() as patch:
        for name in ("replace", "unlink"):
            patch.setattr(Path, name, counted(getattr(Path, name)))
        patch.setattr(shutil, "move", counted(shutil.move))
        try:
            change()
        except PowerFails:
            return False
    return True


@pytest.mark.parametrize("steps", range(13))
def test_activation_cut_off_anywhere_is_finished_by_the_next_reader(next_keys, monkeypatch, steps) -> None:
    """After each single move the folder is read as before the change or as after it, never as between."""
    folder, before, after = next_keys

    def change():
        with moved_alone(folder):
            issue.activate(folder, Purpose.SEAL)

    whole = cut_off_after(steps, monkeypatch, change)
    found = present(KeySet.load(folder))
    assert found in (before, after)
    assert (found == after) is (steps >= PLANNED)
    assert not (folder / PLAN).exists()
    assert whole is (steps >= PLANNED + 8 + 1)  # eight files, the plan away
    if found == before:
        change()
    assert present(KeySet.load(folder)) == after


@pytest.mark.parametrize("steps", range(9))
def test_retirement_cut_off_anywhere_leaves_no_private_key(next_keys, monkeypatch, steps) -> None:
    """Once begun it is finished by the next reader: old private keys are gone, certificates are kept."""
    folder, _, after = next_keys
    with moved_alone(folder):
        issue.activate(folder, Purpose.SEAL)

    def change():
        with moved_alone(folder):
            issue.retire(folder, Purpose.SEAL)

    whole = cut_off_after(steps, monkeypatch, change)
    keys = KeySet.load(folder)
    assert present(keys) == after
    old = [one for one in keys.keys if one.slot == OLD]
    assert len(old) == len(LAYOUT[Purpose.SEAL])
    assert all((one.signer is None) is (steps >= PLANNED) for one in old)
    assert bool(list(folder.glob("*.old.key"))) is (steps < PLANNED)
    assert whole is (steps >= PLANNED + 4 + 1)  # two keys, two certificates, the plan away


def test_next_keys_that_are_not_all_there_are_made_anew(folder, now, monkeypatch) -> None:
    """A call that was cut off while it made keys does not bar the way for the next one."""
    assert not cut_off_after(4, monkeypatch, lambda: issue.rotate(folder, Purpose.SEAL, now))
    assert len(list(folder.glob("seal-*.next.pem"))) == 1
    KeySet.load(folder)
    issue.rotate(folder, Purpose.SEAL, now)
    with moved_alone(folder):
        issue.activate(folder, Purpose.SEAL)
    KeySet.load(folder)


def test_readers_never_see_half_a_change(folder, now) -> None:
    """While keys change again and again, every reader finds one pair of seal keys or the other."""
    pairs, over, seen = [], threading.Event(), []

    def read():
        while not over.is_set():
            keys = KeySet.load(folder)
            seen.append(tuple(one.key_id for one in keys.seal))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    try:
        for _ in range(6):
            pairs.append(tuple(one.key_id for one in KeySet.load(folder).seal))
            with moved_alone(folder):
                issue.rotate(folder, Purpose.SEAL, now)
                issue.activate(folder, Purpose.SEAL)
                issue.retire(folder, Purpose.SEAL)
    finally:
        over.set()
        for one in readers:
            one.join()
    pairs.append(tuple(one.key_id for one in KeySet.load(folder).seal))
    assert len(set(pairs)) == 7
    assert seen
    assert set(seen) <= set(pairs)


def _hold(folder, held):
    """Begin a change and be killed in the middle of it."""
    with moved_alone(folder):
        (folder / PLAN).write_bytes(b'{"act":"activate","names":["seal-p256","seal-mldsa65"]}')
        (folder / "seal-p256.key").replace(folder / "seal-p256.old.key")
        held.set()
        os.kill(os.getpid(), 9)


def test_lock_of_who_was_killed_is_free(next_keys) -> None:
    """A process that is killed within a change holds nobody up, and its change is finished."""
    folder, _, after = next_keys
    context = multiprocessing.get_context("fork")
    held = context.Event()
    process = context.Process(target=_hold, args=(folder, held))
    process.start()
    process.join(10)
    assert (held.is_set(), process.exitcode) == (True, -9)
    assert present(KeySet.load(folder)) == after


def test_plan_that_cannot_be_read_is_named(folder) -> None:
    """A plan that is none stops the reader with its name, instead of keys that are half changed."""
    (folder / PLAN).write_bytes(b'{"act":"guess"}')
    with pytest.raises(ConfigError, match=PLAN):
        KeySet.load(folder)


def test_folder_that_is_not_there_is_named(tmp_path) -> None:
    """Who names a wrong folder is told which."""
    with pytest.raises(ConfigError, match="nowhere"), key_moves.seen_whole(tmp_path / "nowhere"):
        pass
