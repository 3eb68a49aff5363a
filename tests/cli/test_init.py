# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway init`: a folder that works as it stands."""

import stat

from gateway.config import load_config
from gateway.envelope.identity import KeySet


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
