# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check the XML signatures of incoming messages as the configuration says; the result is a finding.

Adapters say which bytes are signed, by a method `signed_part`; those that have none are not looked at.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from gateway.clock import Clock
from gateway.config import XmlSignature as Settings
from gateway.envelope.xml_signature import Anchor, Outcome, XmlSignature, load_anchors, verify
from gateway.errors import ConfigError, GatewayError
from gateway.finding import Finding, finding
from gateway.formats import xml

OFF, REPORT, REQUIRE = "off", "report", "require"
_CODES = {
    Outcome.REPAIRED: "XMLSIG-REPAIRED",
    Outcome.INVALID: "XMLSIG-INVALID",
    Outcome.MISSING: "XMLSIG-MISSING",
    Outcome.UNCHECKED: "XMLSIG-UNCHECKED",
}


@runtime_checkable
class Signs(Protocol):
    """An adapter whose messages may bear an XML signature."""

    def signed_part(self, raw: bytes) -> bytes:
        """Return the XML document that bears the signature, out of any transport envelope.

        Raises:
            GatewayError: there is none.
        """


class SignatureCheck:
    """The check, with its anchors."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Read the anchors.

        Raises:
            ConfigError: the mode is unknown, or the anchors cannot be read.
        """
        if settings.mode not in (OFF, REPORT, REQUIRE):
            raise ConfigError(f"xml_signature.mode is {OFF}, {REPORT} or {REQUIRE}")
        self._mode = settings.mode
        self._clock = clock
        self._anchors: Sequence[Anchor] = ()
        if settings.anchors and settings.mode != OFF:
            try:
                self._anchors = load_anchors(Path(settings.anchors))
            except (OSError, ValueError) as error:
                raise ConfigError(f"xml_signature.anchors cannot be read: {type(error).__name__}") from error

    def findings(self, adapter: object, raw: bytes, limits: xml.XmlLimits) -> tuple[Finding, ...]:
        """Return what is to be said about the signature of a message."""
        if self._mode == OFF or not isinstance(adapter, Signs):
            return ()
        try:
            root = xml.parse(adapter.signed_part(raw), limits).root
        except GatewayError:
            root = None
        if root is None:
            return ()  # what cannot be read is told by the adapter
        report = verify(root, anchors=self._anchors, at=self._clock())
        found = [_told(report)]
        if self._mode == REQUIRE and found[0].code != "XMLSIG-VALID":
            found.append(finding("XMLSIG-REQUIRED"))
        return tuple(found)


def _told(report: XmlSignature) -> Finding:
    """Return a report as a finding."""
    if report.outcome is Outcome.VALID:
        code = "XMLSIG-VALID" if report.trusted else "XMLSIG-UNTRUSTED"
        return finding(code, actual=f"{report.profile}, certificate {report.serial}")
    return finding(_CODES[report.outcome], actual=f"{report.profile} {report.detail}".strip())
