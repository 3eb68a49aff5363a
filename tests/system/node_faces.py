# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Use the faces of a running node: HTTP, gRPC with the own certificate, and the command line."""

import json
import subprocess
import sys
import urllib.error
import urllib.request

import grpc

from gateway.envelope.identity import KeySet


def post(party, path, body, kind="application/json"):
    """Post; return status and JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(
        party.url + path, data=raw, headers={"Content-Type": kind}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def codes(answer):
    """Return the codes of a problem."""
    return answer[0], [one["code"] for one in answer[1]["findings"]]


def command(party, *arguments, code=0):
    """Run a verb of the command line on the node; return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments, "--config", str(party.config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=party.folder,
    )
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr if code else done.stdout


def call(party, service, method, request, reply):
    """Call a service of the own side with the certificate of the own organisation."""
    keys = KeySet.load(party.folder / "keys")
    credentials = grpc.ssl_channel_credentials(keys.ca, keys.tls_key, keys.tls_certificate)
    with grpc.secure_channel(party.grpc, credentials) as channel:
        raw = channel.unary_unary(f"/customs.ead.v1.{service}/{method}")(
            request.SerializeToString(), timeout=20
        )
    return reply.FromString(raw)
