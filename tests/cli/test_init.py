# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway init`: a folder that works as it stands."""

import re
import stat

from gateway.access import secret
from gateway.config import load_config
from gateway.envelope.identity import KeySet
from gateway.store import open_store


def test_init_makes_a_folder_that_loads(gateway, tmp_path) -> None:
    """Keys, configuration and folders are there, private keys for the owner alone."""
    folder = tmp_path / "node"
    done = gateway("init", "--organisation", "customs-xx", "--folder", folder, "--grpc", "127.0.0.1:1")
    assert done.code == 0
    config = load_config(folder / "gateway.toml", {})
    assert (config.node.organisation, config.grpc.listen) == ("customs-xx", "127.0.0.1:1")
    assert KeySet.load(config.keys).organisation == "customs-xx"
    for key in (folder / "keys").glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600, key.name
    assert all((folder / one).is_dir() for one in ("data", "partners", "agreements", "inbox"))


def test_init_prints_a_link_for_the_first_administrator(gateway, tmp_path) -> None:
    """The link is an administrator's, its making is an entry, and the database holds no secret."""
    printed = gateway("init", "--organisation", "customs-xx", "--folder", tmp_path).out
    (link,) = re.findall(r"http://127\.0\.0\.1:7480/console/enter\?link=(eadlink_\S+)", printed)
    config = load_config(tmp_path / "gateway.toml", {})
    store = open_store(config.database.url, create=False)
    (row,) = store.run_read(lambda tx: tx.credentials("eadlink", 0, 10))
    assert (row.name, row.roles, row.ended_at, row.log_index) == ("administrator", "administrator", 0, 0)
    assert secret.fits(link, row.digest)
    (entry,) = store.run_read(lambda tx: tx.log_entries("customs-xx/anchor", 0, 10))
    assert entry.event == "access"
    store.shut()
    assert link.encode() not in (tmp_path / "data" / "gateway.sqlite").read_bytes()


def test_init_overwrites_nothing(gateway, tmp_path) -> None:
    """A folder with a configuration is left alone."""
    assert gateway("init", "--organisation", "customs-xx", "--folder", tmp_path).code == 0
    before = (tmp_path / "gateway.toml").read_bytes()
    done = gateway("init", "--organisation", "customs-yy", "--folder", tmp_path)
    assert done.code == 2
    assert "there already" in done.err
    assert (tmp_path / "gateway.toml").read_bytes() == before


def test_init_refuses_what_is_no_organisation(gateway, tmp_path) -> None:
    """An organisation id with spaces or a slash is refused before anything is written."""
    done = gateway("init", "--organisation", "Customs of X/Y", "--folder", tmp_path / "node")
    assert done.code == 2
    assert not (tmp_path / "node" / "gateway.toml").exists()
