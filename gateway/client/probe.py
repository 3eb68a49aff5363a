# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Test the way to a partner layer by layer, so that the first layer that fails is named."""

import asyncio
import socket
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.client.questions import echo
from gateway.clock import Clock
from gateway.envelope.bundle import PartnerBundle
from gateway.envelope.identity import KeySet
from gateway.envelope.trust import Keyring
from gateway.errors import CouldNotCheck, DeliveryError, VerificationError

MAX_SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Layer:
    """The outcome at one layer; `state` is good, warning or failed."""

    name: str
    state: str
    detail: str


def probe(bundle: PartnerBundle, keyset: KeySet, *, clock: Clock, timeout: float) -> Iterator[Layer]:
    """Yield one outcome per layer, from the bottom up; nothing follows a failed one."""
    if not bundle.endpoint:
        yield Layer("endpoint", "warning", "the partner takes no calls; it collects from here")
        return
    host, _, port = bundle.endpoint.rpartition(":")
    host = host.strip("[]")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except OSError as error:
        yield Layer("dns", "failed", f"{host}: {error.strerror}")
        return
    yield Layer("dns", "good", ", ".join(sorted({str(address[4][0]) for address in found})))
    try:
        connection = socket.create_connection((host, int(port)), timeout)
    except OSError as error:
        yield Layer("tcp", "failed", f"port {port}: {error.strerror or error}")
        return
    with connection:
        yield Layer("tcp", "good", f"port {port}")
        try:
            certificate, detail = _handshake(connection, host, bundle, keyset)
        except OSError as error:
            yield Layer("tls", "failed", str(error))
            return
    yield Layer("tls", "good", detail)
    yield from _above_tls(bundle, keyset, certificate, clock=clock, timeout=timeout)


def _above_tls(
    bundle: PartnerBundle, keyset: KeySet, certificate: str, *, clock: Clock, timeout: float
) -> Iterator[Layer]:
    """Test what needs a connection: whose certificate it is, and what the partner's gateway answers."""
    now = clock()
    try:
        ring = Keyring([bundle.material()], now=now)
        owner = ring.identify(certificate, now)
    except (VerificationError, CouldNotCheck) as error:
        codes = ", ".join(one.code for one in error.findings)
        yield Layer("certificate", "failed", f"{error} ({codes})")
        return
    left = max((key.not_after - now).days for key in ring.of(owner, "tls"))
    yield Layer("certificate", "good", f"{owner}, {left} days left")
    before = clock()
    try:
        answer = asyncio.run(echo(bundle, keyset, timeout))
    except (DeliveryError, VerificationError) as error:
        yield Layer("echo", "failed", str(error))
        return
    after = clock()
    yield Layer("echo", "good", f"{(after - before) / timedelta(milliseconds=1):.0f} ms")
    yield _clock_layer(answer.time, before, after)
    if answer.agreements:
        yield Layer("agreements", "good", ", ".join(answer.agreements))
    else:
        yield Layer("agreements", "warning", "the partner holds no agreement with us in force")


def _clock_layer(theirs: datetime, before: datetime, after: datetime) -> Layer:
    """Compare the partner's clock with the middle of the call."""
    skew = theirs - (before + (after - before) / 2)
    state = "good" if abs(skew) <= MAX_SKEW else "failed"
    return Layer("clock", state, f"{skew.total_seconds():+.3f} s")


def _handshake(
    connection: socket.socket, host: str, bundle: PartnerBundle, keyset: KeySet
) -> tuple[str, str]:
    """Make a TLS connection as ourselves; return the partner's certificate as PEM, and what was agreed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=b"".join(bundle.authorities).decode())
    context.set_alpn_protocols(["h2"])
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "tls.pem"
        chain.write_bytes(keyset.tls_certificate)
        context.load_cert_chain(chain, keyset.folder / "tls.key")
    with context.wrap_socket(connection, server_hostname=host) as secured:
        der = secured.getpeercert(binary_form=True) or b""
        return ssl.DER_cert_to_PEM_cert(der), f"{secured.version()}, {secured.selected_alpn_protocol()}"
