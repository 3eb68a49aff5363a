# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A real time-stamp authority on loopback: `openssl ts -reply` behind a small HTTP server.

Certificates are made when a test asks for them. `fault` names what the next replies do wrong; nothing but the
bytes of a reply is altered, never what checks them.
"""

import asyncio
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client._rust import parse_timestamp_request

OPENSSL = shutil.which("openssl")
POLICY, OTHER_POLICY = "1.3.6.1.4.1.99999.1.1", "1.3.6.1.4.1.99999.1.2"
CONFIGURATION = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = {policy}
other_policies = {policy}
digests = {digests}
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def need_openssl():
    """Skip the test where there is no program to run an authority with."""
    if OPENSSL is None:
        pytest.skip("no openssl binary: there is no time-stamp authority to ask")


def run(*arguments):
    """Run openssl."""
    subprocess.run([OPENSSL, *map(str, arguments)], check=True, capture_output=True)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


class Certificates:
    """An authority's certificate and those of its signer: good, expired, and for another use."""

    def __init__(self, folder, name="Sample Time"):
        self.folder = folder
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.root_key = rsa.generate_private_key(65537, 2048)
        self.key = rsa.generate_private_key(65537, 2048)
        self.subject = _name(name)
        self.serial = 0x1234567890
        self.root = (
            x509.CertificateBuilder()
            .subject_name(_name(f"{name} root"))
            .issuer_name(_name(f"{name} root"))
            .public_key(self.root_key.public_key())
            .serial_number(1)
            .not_valid_before(self.now - timedelta(days=3000))
            .not_valid_after(self.now + timedelta(days=3000))
            .add_extension(x509.BasicConstraints(True, 0), True)
            .sign(self.root_key, hashes.SHA256())
        )
        stamping, signing = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING
        young, old = (timedelta(days=-2), timedelta(days=20)), (timedelta(days=-20), timedelta(days=-2))
        self.good = self.signer([stamping], *young)
        self.expired = self.signer([stamping], *old)
        self.other_use = self.signer([signing], *young)
        # Another name makes up for the bytes that these have more or less.
        self.two_uses = self.signer([stamping, signing], *young, subject=name[:-10])
        self.uncritical = self.signer([stamping], *young, subject=f"{name}...", critical=False)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ca.pem").write_bytes(_pem(self.root))
        (folder / "signer.pem").write_bytes(_pem(self.good))
        (folder / "signer.key").write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    @property
    def trust(self):
        """The file of the trust anchor."""
        return self.folder / "ca.pem"

    def signer(self, uses, begin, end, *, subject="", critical=True):
        """Make a certificate of the signer; all have one key, one number and one length."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject) if subject else self.subject)
            .issuer_name(self.root.subject)
            .public_key(self.key.public_key())
            .serial_number(self.serial)
            .not_valid_before(self.now + begin)
            .not_valid_after(self.now + end)
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(x509.ExtendedKeyUsage(uses), critical)
        )
        return builder.sign(self.root_key, hashes.SHA256())


class Answers:
    """What the authority answers to the bytes of a request."""

    def __init__(self, certificates):
        self.certificates = certificates
        self.folder = certificates.folder
        (self.folder / "serial").write_text("01\n")

    def reply(self, request, *, policy=POLICY, digests="sha256"):
        """Answer a request as it is."""
        configuration = self.folder / "tsa.cnf"
        configuration.write_text(
            CONFIGURATION.format(folder=self.folder, policy=policy, digests=digests), "utf-8"
        )
        (self.folder / "request").write_bytes(request)
        run(
            *("ts", "-reply", "-config", configuration, "-section", "one"),
            *("-queryfile", self.folder / "request", "-out", self.folder / "reply"),
        )
        return (self.folder / "reply").read_bytes()

    def other_request(self, digest, algorithm="sha256"):
        """Make a request of our own, with another nonce."""
        made = self.folder / "other"
        run("ts", "-query", "-digest", digest.hex(), f"-{algorithm}", "-cert", "-out", made)
        return (self.folder / "other").read_bytes()

    def swapped(self, request, certificate):
        """Answer with another certificate of the same name, number and length in place of the signer's."""
        good, other = (
            one.public_bytes(serialization.Encoding.DER) for one in (self.certificates.good, certificate)
        )
        reply = self.reply(request)
        assert len(good) == len(other)
        assert reply.count(good) == 1
        return reply.replace(good, other)

    def faulty(self, request, fault):
        """Answer with one thing wrong."""
        digest = parse_timestamp_request(request).message_imprint.message
        if fault == "truncated":
            return self.reply(request)[:-40]
        if fault == "signature":
            reply = self.reply(request)
            return reply[:-1] + bytes([reply[-1] ^ 1])
        faults = {
            "nonce": lambda: self.reply(self.other_request(digest)),
            "imprint": lambda: self.reply(self.other_request(bytes(32))),
            "algorithm": lambda: self.reply(self.other_request(digest, "sha3-256"), digests="sha3-256"),
            "two uses": lambda: self.swapped(request, self.certificates.two_uses),
            "uncritical use": lambda: self.swapped(request, self.certificates.uncritical),
            "policy": lambda: self.reply(request, policy=OTHER_POLICY),
            "expired": lambda: self.swapped(request, self.certificates.expired),
            "use": lambda: self.swapped(request, self.certificates.other_use),
            "rejected": lambda: self.reply(request, digests="sha512"),
            "large": lambda: b"\x30" * 200_000,
        }
        return faults.get(fault, lambda: self.reply(request))()


class Authority:
    """The HTTP face; `async with` it, then ask `url`."""

    def __init__(self, certificates):
        self.answers = Answers(certificates)
        self.fault = ""
        self.asked = 0
        self.url = ""

    async def _answer(self, request):
        self.asked += 1
        body = await request.read()
        if self.fault == "silence":
            await asyncio.sleep(30)
        if self.fault == "status":
            return web.Response(status=500, content_type="application/timestamp-reply")
        if self.fault == "redirect":
            raise web.HTTPTemporaryRedirect(self.url)
        assert request.content_type == "application/timestamp-query"
        kind = "text/html" if self.fault == "type" else "application/timestamp-reply"
        reply = await asyncio.to_thread(self.answers.faulty, body, self.fault)
        return web.Response(body=reply, content_type=kind)

    async def __aenter__(self):
        application = web.Application()
        application.router.add_post("/tsa", self._answer)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/tsa"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()
