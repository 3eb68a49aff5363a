# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Why a text is not an identifier. The messages say what was expected and never quote the text."""


class IdentifierError(ValueError):
    """Root of the errors of this room."""


class InvalidFormat(IdentifierError):
    """The text does not have the shape of the identifier."""


class InvalidComponent(IdentifierError):
    """A part of the identifier has a value that cannot be."""


class InvalidChecksum(IdentifierError):
    """The check digit or character does not fit the rest."""
