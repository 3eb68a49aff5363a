# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The check of XML signatures at intake, by the settings of a node."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.config import XmlSignature
from gateway.errors import ConfigError
from gateway.formats.xml import XmlLimits
from gateway.registry import load_adapters
from gateway.sdk import Limits
from gateway.signature_check import SignatureCheck

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SAMPLES = Path(__file__).parent.parent / "adapters" / "gacc_ceb" / "samples"
LIMITS: XmlLimits = Limits()


def codes(mode, raw, adapter="gacc_ceb"):
    """Return the codes of what is found."""
    check = SignatureCheck(XmlSignature(mode=mode), lambda: NOW)
    return [one.code for one in check.findings(load_adapters([adapter])[adapter], raw, LIMITS)]


def sample():
    """Return an unsigned message."""
    return next(one for one in sorted(SAMPLES.glob("*.xml")) if "bad" not in one.name).read_bytes()


def test_off_looks_at_nothing() -> None:
    """Without the setting nothing is said."""
    assert codes("off", sample()) == []


def test_report_says_and_require_refuses() -> None:
    """A message without signature is told; where one is required that is an error."""
    assert codes("report", sample()) == ["XMLSIG-MISSING"]
    assert codes("require", sample()) == ["XMLSIG-MISSING", "XMLSIG-REQUIRED"]


def test_adapters_without_signatures_and_broken_messages_are_left_alone() -> None:
    """What bears no XML signature by its form, or is no XML, gets no finding here."""
    assert codes("require", b'{"supplement": 1}', "supplement") == []
    assert codes("require", b"<broken") == []


def test_settings_are_checked_at_start(tmp_path) -> None:
    """An unknown mode and anchors that cannot be read refuse to start."""
    with pytest.raises(ConfigError):
        SignatureCheck(XmlSignature(mode="maybe"), lambda: NOW)
    with pytest.raises(ConfigError):
        SignatureCheck(XmlSignature(mode="report", anchors=str(tmp_path / "none.pem")), lambda: NOW)
