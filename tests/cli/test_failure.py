# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""An error that ends a command has a code, a place, a meaning, a fix, and the exit code of its kind."""

import pytest

from gateway.cli.failure import exit_code, tell
from gateway.errors import (
    AdapterError,
    ConfigError,
    CouldNotCheck,
    DeliveryError,
    InputError,
    NotOffered,
    PolicyRefusal,
    TryLater,
    VerificationError,
)
from gateway.finding import catalogue, finding

KINDS = [
    (ConfigError("c"), "CLI-CONFIG", 2),
    (InputError("i"), "CLI-INPUT", 1),
    (PolicyRefusal("p"), "CLI-REFUSED", 1),
    (VerificationError("v"), "CLI-NOT-VERIFIED", 1),
    (CouldNotCheck("m"), "CLI-COULD-NOT-CHECK", 2),
    (TryLater("t"), "CLI-OUT-OF-REACH", 2),
    (DeliveryError("d"), "CLI-OUT-OF-REACH", 2),
    (NotOffered("n"), "CLI-OUT-OF-REACH", 2),
    (AdapterError("a"), "CLI-ADAPTER", 1),
    (OSError(28, "No space left on device", "/out/file"), "CLI-SYSTEM", 2),
    (KeyError("LX473124829CN"), "CLI-INTERNAL", 2),
]


@pytest.mark.parametrize(("error", "code", "ends"), KINDS, ids=lambda one: type(one).__name__)
def test_every_kind_has_code_meaning_fix_and_exit_code(capsys, error, code, ends) -> None:
    """What ended a command is told with the words of the catalogue, and the kind decides 1 or 2."""
    tell(error)
    told = capsys.readouterr()
    assert told.out == ""
    for part in (code, catalogue()[code].meaning, catalogue()[code].remedy):
        assert part in told.err
    assert exit_code(error, ["audit", "verify"]) == ends


@pytest.mark.parametrize(("error", "code", "ends"), KINDS, ids=lambda one: type(one).__name__)
def test_serve_is_started_again_unless_its_configuration_is_wrong(error, code, ends) -> None:
    """A service manager leaves it at 2, so `serve` ends with 2 only for what no second start mends."""
    assert exit_code(error, ["serve", "--config", "x"]) == (2 if code == "CLI-CONFIG" else 1)


def test_findings_of_an_error_are_told_instead(capsys) -> None:
    """An error that has findings is told by them: code, place, what was expected, what was there."""
    one = finding("ARCHIVE-DAY", path="day", position="line 3", expected="a day", actual="x")
    tell(InputError("no such day", (one,)))
    told = capsys.readouterr().err
    for part in ("no such day", "ARCHIVE-DAY", "line 3 day", "expected a day; actual x", one.remedy):
        assert part in told
    assert "CLI-INPUT" not in told


def test_what_nobody_foresaw_quotes_nothing(capsys, monkeypatch) -> None:
    """The text of a foreign error may hold data, so kind and place are told; the trace only if asked for."""
    try:
        {}["LX473124829CN"]
    except KeyError as error:
        tell(error)
        told = capsys.readouterr().err
        monkeypatch.setenv("GATEWAY_TRACE", "1")
        tell(error)
        traced = capsys.readouterr().err
    assert "ended by KeyError" in told
    assert "test_failure.py:" in told
    assert "LX473124829CN" not in told
    assert "Traceback" in traced


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("errors", "CLI-CONFIG"), 0),
        (("archive", "verify"), 2),
        (("remote", "--url", "http://127.0.0.1:9", "board"), 2),
        (("audit", "verify", "/nowhere", "--trust", "x=y"), 2),
    ],
)
def test_commands_end_with_the_documented_codes(gateway, arguments, code) -> None:
    """Good is 0; a missing file, configuration or gateway is 2, told on standard error alone."""
    done = gateway(*arguments)
    assert done.code == code
    assert bool(done.err) == bool(code)
