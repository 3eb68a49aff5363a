# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway archive` and the commands that read, on a node whose rows are of a day that is over."""

import json

import pytest

from gateway.store import open_store
from tests.archive_stage import make, rows_of
from tests.erasure import about, sent
from tests.partner_messages import agreement, make_keys, tracking

DAY = "2026-11-20"
AFTER = "2026-11-21"
CONFIG = """
data = "data"
keys = "keys/alpha"
partners = "partners"
agreements = "agreements"
adapters = []

[node]
organisation = "alpha"
workers = 1

[database]
url = "{url}"

[archive]
folder = "alpha-archive"
part_rows = 3
after_days = 0
"""


@pytest.fixture(name="node")
async def _node(tmp_path):
    """The folder of a node that has sent three items on a day that is over, and what its store held."""
    keys = make_keys(tmp_path / "keys")
    for name in ("partners", "agreements"):
        (tmp_path / name).mkdir()
    async for world in make(keys, tmp_path, [agreement()]):
        await sent(world, *(about(one) for one in (1, 2, 3)))
        url, rows = world.urls["alpha"], rows_of(world.alpha.store)
    (tmp_path / "gateway.toml").write_text(CONFIG.format(url=url))
    return tmp_path, rows


def test_a_day_goes_through_every_command(node, gateway_process):
    """A day is archived, listed, verified, restored, traced and replayed as before, and erased from."""
    folder, rows = node
    config = ("--config", str(folder / "gateway.toml"))
    before = gateway_process("trace", tracking(1), "--json", *config)
    assert before.code == 0, before.err
    archived = gateway_process("archive", "--before", AFTER, "--json", *config)
    assert archived.code == 0, archived.err
    ((day,),) = (archived.json,)
    assert (day["day"], day["held"], day["left"], day["revision"]) == (DAY, {}, False, 1)
    assert day["rows"] == sum(map(len, rows.values()))
    (listed,) = gateway_process("archive", "list", "--json", *config).json
    assert (listed["state"], listed["rows"]) == ("closed", day["rows"])
    assert gateway_process("trace", tracking(1), "--json", *config).json == before.json
    assert f"good: {day['rows']} rows" in gateway_process("archive", "verify", *config).out
    target = f"sqlite:///{folder / 'drill.sqlite'}"
    restored = gateway_process("archive", "restore", DAY, "--into", target, *config)
    assert restored.code == 0, restored.err
    store = open_store(target, create=False)
    assert rows_of(store) == rows
    store.shut()
    erased = gateway_process("audit", "erase", "--item", tracking(1), "--reason", "test", "--json", *config)
    assert erased.code == 0, erased.err
    assert json.loads(erased.out)["items"] == 1
    (listed,) = gateway_process("archive", "list", "--json", *config).json
    assert (listed["state"], listed["revision"]) == ("written", 2)
    assert gateway_process("trace", tracking(2), "--json", *config).code == 0
    again = gateway_process("archive", "--before", AFTER, *config)
    assert f"{DAY}  archived" in again.out


def test_a_damaged_file_fails_the_verification(node, gateway_process):
    """`archive verify` names the file that does not hold, and ends with 1."""
    folder, _ = node
    config = ("--config", str(folder / "gateway.toml"))
    assert gateway_process("archive", "--before", AFTER, *config).code == 0
    path = min((folder / "alpha-archive" / DAY).glob("item-*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])
    done = gateway_process("archive", "verify", *config)
    assert done.code == 1
    assert "ARCHIVE-FILE" in done.err
    assert path.name in done.err


def test_days_that_must_wait_and_nodes_without_archive_are_refused(node, gateway_process):
    """A day that has not ended long enough ago is refused, and so is a node that has no archive."""
    folder, _ = node
    config = folder / "gateway.toml"
    late = gateway_process("archive", "--before", "2999-01-01", "--config", str(config))
    assert (late.code, "ARCHIVE-BEFORE" in late.err) == (1, True)
    config.write_text(config.read_text().replace('folder = "alpha-archive"', ""))
    none = gateway_process("archive", "--before", AFTER, "--config", str(config))
    assert (none.code, "archive.folder" in none.err) == (2, True)
