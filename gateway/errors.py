# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The one tree of errors, split by who must act.

A problem inside data is a `Finding`, not an error; an error carries findings where there are any.
Messages hold identifiers only, never personal data.
"""

from gateway.finding import Finding


class GatewayError(Exception):
    """Root of every error this system raises on purpose."""

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        """Keep the findings that explain the message, worst first."""
        super().__init__(message)
        self.findings = findings


class InputError(GatewayError):
    """What was sent in cannot be taken as a whole; the submitter must act."""


class PolicyRefusal(GatewayError):
    """An agreement does not allow it; the parties of the agreement must act."""


class VerificationError(GatewayError):
    """A signature, proof, certificate or digest is wrong; treat the sender as hostile or broken."""


class CouldNotCheck(GatewayError):
    """Verification was not possible (material missing or stale); neither good nor bad."""


class TryLater(GatewayError):
    """Something that the gateway stands on is not there for a moment; the same again later can succeed."""


class AdapterError(GatewayError):
    """An adapter broke its contract; its maintainer must act."""


class DeliveryError(GatewayError):
    """A partner could not be reached or did not answer as agreed."""

    def __init__(self, message: str, *, retryable: bool = True, retry_after: float = 0.0) -> None:
        """State whether trying again can help, and after how many seconds at the earliest."""
        super().__init__(message)
        self.retryable = retryable
        self.retry_after = retry_after


class NotOffered(DeliveryError):
    """The partner's gateway does not know the call; people must do by hand what it would have done."""


class ConfigError(GatewayError):
    """Configuration is wrong; the operator must act before the gateway starts."""
