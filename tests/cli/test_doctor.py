# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway doctor` as an operator and as a machine read it; what it finds is tested in tests/doctor."""

from gateway.demo.stage import make_parties, packaged_agreements
from gateway.store import migrate


def test_a_good_node_ends_with_zero_and_a_spoilt_one_with_one(gateway, tmp_path) -> None:
    """A good node exits 0; with a private key that others may read it exits 1 and prints the fix."""
    node = make_parties(tmp_path, packaged_agreements())[0]
    migrate(f"sqlite:///{node.folder / 'data' / 'gateway.sqlite'}")
    good = gateway("doctor", "--offline", "--config", node.config)
    assert good.code == 0, good.out
    assert "OK    migrations" in good.out
    key = node.folder / "keys" / "seal-p256.key"
    key.chmod(0o644)
    spoilt = gateway("doctor", "--offline", "--config", node.config)
    assert spoilt.code == 1
    assert f"chmod 600 {key}" in spoilt.out
    told = gateway("doctor", "--offline", "--json", "--config", node.config)
    assert (told.code, told.json[1]["layer"], told.json[1]["state"]) == (1, "permissions", "FAIL")
