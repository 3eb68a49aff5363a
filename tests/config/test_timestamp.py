# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of time stamps: off unless asked for, and found beside the file."""

import pytest

from gateway.config import load_config
from gateway.errors import ConfigError

NODE = '[node]\norganisation = "us"\n'


def test_stamps_are_off_unless_asked_for(tmp_path) -> None:
    """A node without the group asks no authority."""
    (tmp_path / "gateway.toml").write_text(NODE)
    assert load_config(tmp_path / "gateway.toml", {}).timestamp.mode == "off"


def test_trust_is_relative_to_the_file(tmp_path) -> None:
    """The file of the trust anchors is looked for beside the configuration."""
    (tmp_path / "gateway.toml").write_text(f'{NODE}[timestamp]\ntrust = "tsa.pem"\n')
    assert load_config(tmp_path / "gateway.toml", {}).timestamp.trust == str(tmp_path / "tsa.pem")


def test_unknown_setting_names_the_nearest(tmp_path) -> None:
    """A misspelt setting of the group is refused."""
    (tmp_path / "gateway.toml").write_text(f'{NODE}[timestamp]\npolicies = "1.2.3"\n')
    with pytest.raises(ConfigError, match=r"timestamp\.policy"):
        load_config(tmp_path / "gateway.toml", {})
