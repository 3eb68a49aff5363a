# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The configuration file: every setting has a default, every mistake is named."""

import msgspec
import pytest

from gateway.config import Config, Node, load_config
from gateway.errors import ConfigError

NODE = '[node]\norganisation = "aa-customs"\n'


@pytest.fixture(name="load")
def _load(tmp_path):
    """Load a text as the configuration of a folder."""

    def load(text, environment=None):
        file = tmp_path / "gateway.toml"
        file.write_text(text, "utf-8")
        return load_config(file, environment or {})

    return load


def test_an_organisation_is_enough(load, tmp_path) -> None:
    """Everything but the organisation has a default; folders and database stand beside the file."""
    config = load(NODE)
    assert config.node == Node(organisation="aa-customs")
    assert config.database.url == f"sqlite:///{tmp_path / 'data' / 'gateway.sqlite'}"
    places = (config.data, config.keys, config.partners, config.agreements)
    assert places == tuple(str(tmp_path / one) for one in ("data", "keys", "partners", "agreements"))
    assert config.schemas == config.forward.folder == config.http.token_file == ""
    assert config.adapters == ("gacc_ceb", "supplement")


def test_folders_are_relative_to_the_file(load, tmp_path) -> None:
    """Relative paths are those from the file, absolute ones stay."""
    config = load(
        'keys = "/etc/keys"\ndata = "state"\n'
        + NODE
        + '[http]\ntoken_file = "tokens"\n[forward]\nfolder = "out"\n[[intake.folders]]\npath = "in"\n'
    )
    assert config.keys == "/etc/keys"
    assert config.data == str(tmp_path / "state")
    assert config.database.url.endswith("/state/gateway.sqlite")
    assert config.http.token_file == str(tmp_path / "tokens")
    assert config.forward.folder == str(tmp_path / "out")
    assert [one.path for one in config.intake.folders] == [str(tmp_path / "in")]


def test_environment_names_the_database(load) -> None:
    """A database address with a password need not stand in the file."""
    url = "postgresql+psycopg://gateway@db/gateway"
    assert load(NODE, {"GATEWAY_DATABASE": url}).database.url == url
    text = NODE + '[database]\nurl = "sqlite:///other"\n'
    assert load(text).database.url == "sqlite:///other"
    assert load(text, {"GATEWAY_DATABASE": url}).database.url == url


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "organisation|node"),
        ("node = ", "not TOML"),
        ('adapter = ["x"]\n' + NODE, "unknown key adapter; did you mean adapters"),
        ('[node]\norganization = "a"\n', "unknown key node.organization; did you mean node.organisation"),
        (NODE + "[batch]\nlinger = 5\n", "unknown key batch.linger; did you mean batch.linger_ms"),
        (NODE + "[zzz]\na = 1\n", "unknown key zzz; known are"),
        (NODE + '[batch]\nsize = "many"\n', "batch.size"),
        (NODE + "[[intake.folders]]\npath = 'a'\nadaptor = 'b'\n", "adaptor"),
    ],
)
def test_mistakes_are_named(load, text, message) -> None:
    """An unknown key, a wrong type or broken TOML is refused with the place and the nearest known key."""
    with pytest.raises(ConfigError, match=message):
        load(text)


def test_absent_file_is_named(tmp_path) -> None:
    """A file that cannot be read is an error of configuration."""
    with pytest.raises(ConfigError, match=r"cannot read .*gateway\.toml"):
        load_config(tmp_path / "gateway.toml", {})


def test_every_group_of_settings_is_explained() -> None:
    """Each group of settings has a docstring, since the made file sends its readers there."""
    groups = [one.type for one in msgspec.structs.fields(Config) if isinstance(one.type, type)]
    assert all(one.__doc__ for one in (Config, *groups))


def test_files_of_the_identity_provider_stand_beside_the_file(load, tmp_path) -> None:
    """Secret and authorities are found from anywhere, and roles are read by name."""
    config = load(
        NODE
        + '[http.oidc]\nissuer = "https://id.example"\n'
        + 'client_secret_file = "secret"\nauthorities = "/etc/ca.pem"\n'
        + 'roles = { operator = ["duty"] }\n'
    )
    assert config.http.oidc.client_secret_file == str(tmp_path / "secret")
    assert config.http.oidc.authorities == "/etc/ca.pem"
    assert config.http.oidc.roles == {"operator": ("duty",)}
    with pytest.raises(ConfigError, match=r"unknown key http\.oidc\.isuer"):
        load(NODE + '[http.oidc]\nisuer = "https://id.example"\n')
