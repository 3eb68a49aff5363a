# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The rows about what logs have said and who vouches for it: passive, frozen, no verbs.

As with all rows, ids are time-ordered integers made by `Ids`, and times are milliseconds since 1970 UTC.
"""

from gateway.exchange.rows import Row


class PublishedRow(Row, frozen=True, kw_only=True, gc=False):
    """A checkpoint of one of our logs that may have left this gateway; `note` is the signed note."""

    origin: str
    size: int
    root: bytes
    note: bytes
    published_at: int


class StampRow(Row, frozen=True, kw_only=True, gc=False):
    """A time stamp (RFC 3161) over the signed note of a published checkpoint, exact bytes.

    `reply` is the authority's reply as it came, `stamped_at` the time that it says, `received_at` our own.
    """

    origin: str
    size: int
    reply: bytes
    stamped_at: int
    received_at: int


class WitnessedRow(Row, frozen=True, kw_only=True, gc=False):
    """The newest checkpoint of a partner's log that was proved to continue the one before.

    `note` is the partner's signed note with our cosignature under it.
    """

    log: str
    partner: str
    size: int
    root: bytes
    note: bytes
    cosigned_at: int


class CosignedRow(Row, frozen=True, kw_only=True, gc=False):
    """The newest checkpoint of one of our logs that a witness cosigned; `note` holds its cosignature."""

    log: str
    witness: str
    size: int
    note: bytes
    cosigned_at: int


class ConflictRow(Row, frozen=True, kw_only=True, gc=False):
    """Two states of one log that cannot both be true, as evidence; `first` is the one that was known.

    Each is a signed note, or the envelope of the signed statement that tells the state; `first` may be the
    bare body of a checkpoint, whose signed receipt then lies with its batch. `settled_at` is zero until an
    operator has resumed the channels.
    """

    id: int
    partner: str
    log: str
    code: str
    found_at: int
    first: bytes
    second: bytes
    claimed_size: int
    claimed_root: bytes
    settled_at: int = 0


class DecisionRow(Row, frozen=True, kw_only=True, gc=False):
    """What an operator decided about a partner, in the words that the log has the salted digest of."""

    id: int
    partner: str
    made_at: int
    statement: bytes
    log_index: int
