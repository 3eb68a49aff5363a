# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of a new node: development keys, pseudonym key, and a configuration that works as it stands."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import tomlkit

from gateway.envelope.issue import DEFAULT_HOSTS, write_keys
from gateway.envelope.whole_file import write_file
from gateway.errors import ConfigError

PSEUDONYM_KEY_BYTES = 32


def make_node_folder(
    folder: Path,
    organisation: str,
    now: datetime,
    *,
    grpc: str = "127.0.0.1:7443",
    http: str = "127.0.0.1:7480",
    hosts: Sequence[str] = (),
    inbox: bool = True,
) -> Path:
    """Make everything a node needs to start; return the path of its configuration file.

    Raises:
        ConfigError: the folder holds a configuration already, or the organisation id is not one.
    """
    config = folder / "gateway.toml"
    if config.exists():
        raise ConfigError(f"{config} is there already; choose another folder")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_keys(folder / "keys", organisation, now, tuple(dict.fromkeys((*DEFAULT_HOSTS, *hosts))))
    write_file(folder / "keys" / "pseudonym.key", os.urandom(PSEUDONYM_KEY_BYTES), 0o600)
    for name in ("data", "partners", "agreements", *(("inbox",) if inbox else ())):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    write_file(config, _configuration(organisation, grpc, http, inbox=inbox).encode())
    return config


def _configuration(organisation: str, grpc: str, http: str, *, inbox: bool) -> str:
    """Write the configuration with the settings that an operator is likely to change."""
    document = tomlkit.document()
    document.add(
        tomlkit.comment("Every setting and its default: gateway/config.py. Paths are relative to this file.")
    )
    document["adapters"] = ["gacc_ceb", "supplement"]
    document["node"] = {"organisation": organisation, "role": "customs", "workers": 1}
    document["grpc"] = {"listen": grpc}
    document["http"] = {"listen": http}
    if inbox:
        folders = tomlkit.aot()
        folders.append(tomlkit.item({"path": "inbox"}))
        document["intake"] = {"folders": folders}
    return tomlkit.dumps(document)
