# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Seeded faults, each on a copy of a good node beside a running partner: the layer at fault is named."""

import shutil
import socket
import sqlite3
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import system_clock
from gateway.demo.stage import Party, make_parties, packaged_agreements, running, set_up
from gateway.doctor import Calls, State, examine
from gateway.doctor import place as place_checks
from gateway.envelope.bundle import export_bundle
from gateway.envelope.identity import KeySet
from gateway.envelope.issue import rotate, write_keys
from gateway.envelope.keys import Purpose
from gateway.envelope.partners import import_bundle
from gateway.envelope.revoke import renew, revoke

CALLS = Calls(timeout=3.0)


@dataclass
class Case:
    """A copy of the node's folder, the folder of its partner, and the time at which the doctor comes."""

    folder: Path
    partner: Path
    endpoint: str
    later: timedelta = timedelta()

    @property
    def config(self):
        """The configuration file of the copy."""
        return self.folder / "gateway.toml"

    def settings(self, **groups):
        """Change settings."""
        set_up(Party("customs-cn", self.folder, "", ""), groups)

    def diagnose(self, calls=CALLS):
        """Return what the doctor finds."""
        return list(examine(self.config, calls, lambda: system_clock() + self.later))

    def wait(self, span):
        """Let time go by; revocation lists are renewed in it."""
        self.later = span
        renew(self.folder / "keys", system_clock() + span)

    def introduce(self, endpoint, keys=None):
        """Import a newer bundle of the partner, with another endpoint or other keys."""
        now = system_clock()
        keys = KeySet.load(keys or self.partner / "keys")
        raw = export_bundle(keys, name="customs-nl", endpoint=endpoint, now=now)
        import_bundle(
            raw, self.folder / "partners", now=now, own_organisation="customs-cn", replace_trust=True
        )


@pytest.fixture(name="stage", scope="module")
def _stage(tmp_path_factory):
    """Two nodes that know each other, both running."""
    with running(make_parties(tmp_path_factory.mktemp("doctor"), packaged_agreements())) as parties:
        yield parties


@pytest.fixture(name="case")
def _case(stage, tmp_path):
    """A copy of the first node, to be spoilt."""
    own, partner = stage
    folder = Path(shutil.copytree(own.folder, tmp_path / "node"))
    for leftover in (folder / "data").glob("*-shm"):
        leftover.unlink()
    return Case(folder, partner.folder, partner.grpc)


def named(found):
    """Return the layers that are not well, in order."""
    return [
        (one.layer, one.state) for one in found if one.state is not State.OK and one.layer != "code lists"
    ]


def edit(path, old, new):
    """Replace bytes in a file."""
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


def unknown_key(case):
    """A key of the configuration that does not exist."""
    case.config.write_text("lisen = 1\n" + case.config.read_text())


def foreign_keys(case):
    """Keys of another organisation."""
    case.settings(node={"organisation": "customs-fr"})


def open_key(case):
    """A private key that others may read."""
    (case.folder / "keys" / "seal-p256.key").chmod(0o644)


def open_tokens(case):
    """A token file that others may read."""
    tokens = case.folder / "tokens"
    tokens.write_text("broker 0123456789abcdef0123\n")
    tokens.chmod(0o640)
    case.settings(http={"token_file": "tokens"})


def absent_tokens(case):
    """A token file that is not there."""
    case.settings(http={"token_file": "tokens"})


def absent_certificate(case):
    """A key without its certificate."""
    (case.folder / "keys" / "log-p256.pem").unlink()


def foreign_key(case):
    """A private key that belongs to another certificate."""
    keys = case.folder / "keys"
    shutil.copy(keys / "receipt-p256.key", keys / "seal-p256.key")


def soon_expired(case):
    """Certificates that end within sixty days."""
    case.wait(timedelta(days=350))


def expired(case):
    """Certificates that have ended."""
    case.wait(timedelta(days=400))


def revoked(case):
    """A seal certificate on the revocation list."""
    keys = case.folder / "keys"
    revoke(keys, keys / "seal-p256.pem", system_clock())


def wrong_usage(case):
    """A TLS certificate where that of a seal key should be."""
    keys = case.folder / "keys"
    rotate(keys, Purpose.TLS, system_clock())
    for kind in ("pem", "key"):
        (keys / f"tls.next.{kind}").rename(keys / f"seal-p256.{kind}")


def foreign_authority(case):
    """An authority that did not sign the certificates."""
    other = case.folder / "other"
    write_keys(other, "customs-cn", system_clock())
    shutil.copy(other / "ca.pem", case.folder / "keys" / "ca.pem")


def unknown_adapter(case):
    """An adapter that nobody has installed."""
    case.settings(**{"": {"adapters": ["gacc_ceb", "gacc_cebb"]}})


def absent_database(case):
    """A node that has never run."""
    (case.folder / "data" / "gateway.sqlite").unlink()


def broken_database(case):
    """A database file that is none."""
    path = case.folder / "data" / "gateway.sqlite"
    path.with_name(path.name + "-wal").unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 500)


def silent_database(case):
    """A database server that nobody runs."""
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    case.settings(database={"url": f"postgresql+psycopg://nobody@127.0.0.1:{free.getsockname()[1]}/x"})
    free.close()


def old_tables(case):
    """A database of an earlier program."""
    with sqlite3.connect(case.folder / "data" / "gateway.sqlite") as connection:
        connection.execute("update alembic_version set version_num = '0003'")


def wrong_counts(case):
    """A ledger that does not add up."""
    with sqlite3.connect(case.folder / "data" / "gateway.sqlite") as connection:
        connection.execute("insert into counter (name, value) values ('batch_records.accepted', 7)")


def altered_bundle(case):
    """A partner's bundle that was altered after it was imported."""
    edit(case.folder / "partners" / "customs-nl.bundle.json", b'"', b"'")


def no_partner(case):
    """Agreements with somebody whose bundle is gone."""
    shutil.rmtree(case.folder / "partners")
    shutil.rmtree(case.folder / "agreements")


def altered_agreement(case):
    """An agreement that was altered after both had signed it."""
    path = min((case.folder / "agreements").glob("*.agreement.json"))
    path.write_bytes(path.read_bytes()[:-40] + b"}")


def unknown_name(case):
    """A partner whose name no resolver knows."""
    case.introduce("gateway.customs-nl.invalid:7443")


def closed_port(case):
    """A partner whose gateway does not run."""
    free = socket.socket()
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    case.introduce(f"127.0.0.1:{port}")


def no_tls(case):
    """A partner's port where something else answers."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        connection, _ = server.accept()
        with connection, server:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.recv(4096)

    threading.Thread(target=answer, daemon=True).start()
    case.introduce(f"127.0.0.1:{server.getsockname()[1]}")


def other_authority(case):
    """A partner that calls itself by keys of an authority which its gateway does not use."""
    other = case.folder / "nl"
    write_keys(other, "customs-nl", system_clock())
    shutil.rmtree(case.folder / "partners")
    case.introduce(case.endpoint, keys=other)
    shutil.rmtree(case.folder / "agreements")


def wrong_clock(case):
    """A clock two minutes ahead."""
    case.later = timedelta(minutes=2)


FAULTS = [
    (unknown_key, "configuration", State.FAIL),
    (foreign_keys, "keys", State.FAIL),
    (open_key, "permissions", State.FAIL),
    (open_tokens, "permissions", State.FAIL),
    (absent_tokens, "permissions", State.FAIL),
    (absent_certificate, "keys", State.FAIL),
    (foreign_key, "keys", State.FAIL),
    (soon_expired, "certificates", State.WARN),
    (expired, "certificates", State.FAIL),
    (revoked, "revocation", State.FAIL),
    (wrong_usage, "key usage", State.FAIL),
    (foreign_authority, "chain", State.FAIL),
    (unknown_adapter, "adapters", State.FAIL),
    (absent_database, "database", State.FAIL),
    (broken_database, "database", State.FAIL),
    (silent_database, "database", State.FAIL),
    (old_tables, "migrations", State.FAIL),
    (wrong_counts, "ledger", State.FAIL),
    (altered_bundle, "bundles", State.FAIL),
    (no_partner, "bundles", State.WARN),
    (altered_agreement, "agreements", State.FAIL),
    (unknown_name, "dns", State.FAIL),
    (closed_port, "tcp", State.FAIL),
    (no_tls, "tls", State.FAIL),
    (other_authority, "tls", State.FAIL),
    (wrong_clock, "clock", State.FAIL),
]


@pytest.mark.parametrize(("fault", "layer", "state"), FAULTS, ids=[one[0].__name__ for one in FAULTS])
def test_the_layer_at_fault_is_named_first(case, fault, layer, state) -> None:
    """The first layer that fails, or only warns if none does, is the one that was spoilt; a fix stands by."""
    fault(case)
    found = [one for one in case.diagnose() if one.layer != "code lists"]
    first = next((one for one in found if one.state is state), None)
    assert first is not None
    assert (first.layer, bool(first.fix)) == (layer, True), named(found)


def test_a_good_node_is_well(case) -> None:
    """Nothing is wrong with the node itself, every layer up to the partner's agreements is looked at."""
    found = case.diagnose()
    assert named(found) == []
    layers = [one.layer for one in found]
    assert [one for one in layers if one in {"dns", "tcp", "tls", "certificate", "echo", "clock"}] == [
        "dns", "tcp", "tls", "certificate", "echo", "clock",
    ]  # fmt: skip
    assert {"configuration", "permissions", "disk", "database", "migrations", "ledger"} < set(layers)


def test_nobody_is_called_offline(case) -> None:
    """With `offline` no partner is called, with another partner's name neither."""
    for calls in (Calls(3.0, offline=True), Calls(3.0, partner="customs-fr")):
        assert not [one for one in case.diagnose(calls) if one.layer in {"dns", "tcp"}]


def test_a_full_disk_is_named(case, monkeypatch) -> None:
    """A file system with less room than the thresholds is a warning, then a failure."""
    for free, state in ((0.05, State.WARN), (0.01, State.FAIL)):
        usage = shutil._ntuple_diskusage(1000, int(1000 * (1 - free)), int(1000 * free))
        monkeypatch.setattr(place_checks.shutil, "disk_usage", lambda _, usage=usage: usage)
        assert named(case.diagnose(Calls(3.0, offline=True))) == [("disk", state)]


def test_alerts_come_sixty_thirty_and_seven_days_before(case) -> None:
    """The detail names the alert, the fix the command that rotates keys."""
    ends = min(key.not_after for key in KeySet.load(case.folder / "keys").keys if key.purpose is Purpose.TLS)
    for left, alert in ((55, 60), (20, 30), (5, 7)):
        case.wait(ends - system_clock() - timedelta(days=left, hours=-1))
        said = [
            one for one in case.diagnose(Calls(3.0, offline=True))
            if one.layer == "certificates" and "customs-cn: tls" in one.subject
        ]  # fmt: skip
        assert f"({alert}-day alert)" in said[0].detail
        assert "rotate" in said[0].fix
