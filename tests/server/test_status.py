# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The table from errors to status codes, and what details may say."""

import grpc
import pytest
from google.rpc import error_details_pb2

from gateway.errors import (
    AdapterError,
    ConfigError,
    CouldNotCheck,
    DeliveryError,
    InputError,
    PolicyRefusal,
    VerificationError,
)
from gateway.exchange.intake import Busy
from gateway.finding import finding
from gateway.server.status import DETAILS_BYTES, Overloaded, Unavailable, code_of, details, wire_finding


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), grpc.StatusCode.INVALID_ARGUMENT),
        (PolicyRefusal("x"), grpc.StatusCode.PERMISSION_DENIED),
        (VerificationError("x"), grpc.StatusCode.UNAUTHENTICATED),
        (CouldNotCheck("x"), grpc.StatusCode.UNAVAILABLE),
        (DeliveryError("x"), grpc.StatusCode.UNAVAILABLE),
        (Unavailable("x"), grpc.StatusCode.UNAVAILABLE),
        (Overloaded("x"), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (Busy(1), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (AdapterError("x"), grpc.StatusCode.INTERNAL),
        (ConfigError("x"), grpc.StatusCode.INTERNAL),
        (KeyError("x"), grpc.StatusCode.INTERNAL),
    ],
)
def test_codes(error, code):
    """Every family of errors has one status, and the text of an error is never its sentence."""
    found, text = code_of(error)
    assert found is code
    assert text != str(error)


def test_found_values_stay_here():
    """A finding goes out without the value it quotes."""
    one = finding("SERVER-FRAME", path="p", expected="e", actual="A. Example")
    assert b"A. Example" not in wire_finding(one).SerializeToString()


def test_details_fit_into_metadata():
    """Many findings are cut to what trailing metadata can carry, worst first."""
    many = tuple(finding("SERVER-FRAME", path=f"path{number}", expected="e" * 100) for number in range(500))
    packed = details(many, retry=True)
    assert 10 < len(packed) < 500
    assert sum(one.ByteSize() for one in packed) < DETAILS_BYTES + 200
    assert packed[0].Is(error_details_pb2.RetryInfo.DESCRIPTOR)
