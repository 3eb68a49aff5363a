# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway partner` as an operator uses it, with a real gRPC server at the other end."""

import asyncio
import json
import shutil
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from typer.testing import CliRunner

from gateway.cli.partner import app
from gateway.envelope import issue
from gateway.envelope.identity import KeySet
from gateway.envelope.keys import Purpose
from gateway.errors import ConfigError, VerificationError
from gateway.wire.v1 import peer_pb2, peer_pb2_grpc

runner = CliRunner()


def run(*arguments):
    """Run the command; errors come out as they are."""
    return runner.invoke(app, [str(one) for one in arguments], catch_exceptions=False)


@pytest.fixture(name="place", scope="module")
def _place(tmp_path_factory):
    """A folder with the keys of alpha and beta."""
    folder = tmp_path_factory.mktemp("place")
    for organisation in ("alpha", "beta"):
        issue.write_keys(folder / organisation, organisation, datetime.now(UTC))
    return folder


@pytest.fixture(name="onboard")
def _onboard(place, tmp_path):
    """Export alpha's bundle with some endpoint and import it at beta."""

    def onboard(endpoint="localhost:7443"):
        file, partners = tmp_path / "alpha.json", tmp_path / "partners"
        made = run(
            "export", "--name", "Alpha", "--endpoint", endpoint, "--keys", place / "alpha",
            "--out", file, "--json",
        )  # fmt: skip
        shown = json.loads(made.stdout)["fingerprint"]
        taken = run("import", file, "--partners", partners, "--fingerprint", shown, "--json")
        assert json.loads(taken.stdout)["changed"]
        return partners

    return onboard


@pytest.fixture(name="serve")
def _serve(place):
    """Serve Echo as alpha, with a clock that may be wrong."""
    servers = []

    def serve(*, skew=timedelta(0), agreements=("a-1",), keys="alpha", organisation="alpha") -> str:
        class Peer(peer_pb2_grpc.PeerServicer):
            def Echo(self, request, context):  # noqa: N802 - the name of the method in the contract
                """Answer as the contract says."""
                now = datetime.now(UTC) + skew
                return peer_pb2.EchoReply(
                    nonce=request.nonce,
                    organisation=organisation,
                    time_ms=int(now.timestamp() * 1000),
                    agreements=agreements,
                )

        own, other = KeySet.load(place / keys), KeySet.load(place / "beta")
        server = grpc.server(ThreadPoolExecutor(1))
        peer_pb2_grpc.add_PeerServicer_to_server(Peer(), server)
        credentials = grpc.ssl_server_credentials(
            [(own.tls_key, own.tls_certificate)], other.ca, require_client_auth=True
        )
        port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        servers.append(server)
        return f"localhost:{port}"

    yield serve
    for server in servers:
        server.stop(0).wait()


@pytest.fixture(name="try_way")
def _try_way(place):
    """Run the partner test of beta towards alpha; return exit code and layers."""

    def attempt(partners):
        # The command has its own event loop, so it runs in a thread without one.
        with ThreadPoolExecutor(1) as pool:
            result = pool.submit(
                run,
                "test",
                "alpha",
                "--keys",
                place / "beta",
                "--partners",
                partners,
                "--timeout",
                5,
                "--json",
            ).result()
        return result.exit_code, {row["name"]: row["state"] for row in json.loads(result.stdout)}

    return attempt


def test_import_needs_the_fingerprint(place, tmp_path) -> None:
    """Without a compared fingerprint nothing is stored."""
    file = tmp_path / "alpha.json"
    run("export", "--name", "Alpha", "--endpoint", "localhost:1", "--keys", place / "alpha", "--out", file)
    result = run("import", file, "--partners", tmp_path / "partners")
    assert result.exit_code == 1
    assert "fingerprint" in result.stderr
    with pytest.raises(VerificationError):
        run("import", file, "--partners", tmp_path / "partners", "--fingerprint", "00")
    assert not (tmp_path / "partners").exists()
    assert run("import", file, "--partners", tmp_path / "partners", "--yes").exit_code == 0


def test_folders_come_from_configuration(place, tmp_path) -> None:
    """Without options, keys and partners are where the configuration says."""
    config = tmp_path / "gateway.toml"
    config.write_text(f'keys = "{place / "alpha"}"\n[node]\norganisation = "alpha"\n')
    file = tmp_path / "own.json"
    made = run("export", "--name", "A", "--endpoint", "localhost:1", "--config", config, "--out", file)
    assert made.exit_code == 0
    with pytest.raises(VerificationError):
        run("import", file, "--config", config, "--yes")
    assert json.loads(run("list", "--config", config, "--json").stdout) == []


def test_list_shows_days_left(onboard) -> None:
    """The list names each partner with its keys and the days they have left."""
    partners = onboard()
    (row,) = json.loads(run("list", "--partners", partners, "--json").stdout)
    assert row["organisation"] == "alpha"
    assert {key["days_left"] for key in row["keys"] if key["purpose"] == "tls"} == {396}
    assert "days" in run("list", "--partners", partners).stdout


def test_unknown_partner_is_refused(place, tmp_path) -> None:
    """Testing a partner that was never imported is wrong usage."""
    with pytest.raises(ConfigError):
        run("test", "nobody", "--keys", place / "beta", "--partners", tmp_path)


def test_whole_way_is_good(onboard, serve, try_way) -> None:
    """Against a sound partner every layer is good, the top one included."""
    code, layers = try_way(onboard(serve()))
    assert code == 0
    assert layers == dict.fromkeys(
        ("dns", "tcp", "tls", "certificate", "echo", "clock", "agreements"), "good"
    )


def test_no_agreement_is_a_warning(onboard, serve, try_way) -> None:
    """A partner without agreement with us can be reached, which is said with a warning."""
    code, layers = try_way(onboard(serve(agreements=())))
    assert (code, layers["agreements"]) == (0, "warning")


def test_wrong_clock_is_found(onboard, serve, try_way) -> None:
    """A clock two minutes off fails the clock layer."""
    code, layers = try_way(onboard(serve(skew=timedelta(minutes=2))))
    assert (code, layers["clock"]) == (1, "failed")


def test_impostor_fails_at_echo(onboard, serve, try_way) -> None:
    """Somebody who answers under another name fails the echo layer."""
    code, layers = try_way(onboard(serve(organisation="other")))
    assert (code, layers["echo"]) == (1, "failed")


def test_foreign_certificate_fails_at_tls(onboard, serve, try_way) -> None:
    """A server with a certificate of another authority fails the TLS layer."""
    code, layers = try_way(onboard(serve(keys="beta")))
    assert (code, layers) == (1, {"dns": "good", "tcp": "good", "tls": "failed"})


def test_unpinned_certificate_fails_at_certificate(onboard, serve, try_way, place, tmp_path) -> None:
    """A certificate of the right authority that the bundle does not name fails the certificate layer."""
    rotated = shutil.copytree(place / "alpha", tmp_path / "rotated")
    issue.rotate(rotated, Purpose.TLS, datetime.now(UTC))
    issue.activate(rotated, Purpose.TLS)
    code, layers = try_way(onboard(serve(keys=rotated)))
    assert (code, layers["certificate"]) == (1, "failed")
    assert "echo" not in layers


def test_silent_port_fails_at_tcp(onboard, try_way) -> None:
    """Where nobody listens, the TCP layer is named."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        partners = onboard(f"127.0.0.1:{unused.getsockname()[1]}")
        code, layers = try_way(partners)
    assert (code, layers) == (1, {"dns": "good", "tcp": "failed"})


def test_unknown_name_fails_at_dns(onboard, try_way) -> None:
    """A host name that does not exist fails the first layer."""
    code, layers = try_way(onboard("gateway.invalid:7443"))
    assert (code, layers) == (1, {"dns": "failed"})


def test_plain_text_server_fails_at_tls(onboard, try_way) -> None:
    """A server that does not speak TLS fails the TLS layer."""

    async def main():
        async def answer(_reader, writer):
            writer.write(b"hello\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await asyncio.to_thread(lambda: try_way(onboard(f"127.0.0.1:{port}")))

    code, layers = asyncio.run(main())
    assert (code, layers) == (1, {"dns": "good", "tcp": "good", "tls": "failed"})
