# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""All cases, in the order in which they are listed; no case depends on the one before it."""

from collections.abc import Iterable

from gateway.conformance import (
    content,
    erasure,
    limits,
    logs,
    questions,
    receipts,
    replay,
    sequence,
    signature,
    terms,
    trust,
    witnessing,
)
from gateway.conformance.case import Case, Family
from gateway.errors import ConfigError

CASES: tuple[Case, ...] = (
    *signature.CASES,
    *trust.CASES,
    *replay.CASES,
    *sequence.CASES,
    *terms.CASES,
    *content.CASES,
    *limits.CASES,
    *receipts.CASES,
    *logs.CASES,
    *witnessing.CASES,
    *questions.CASES,
    *erasure.CASES,
)


def chosen(ids: Iterable[str] = (), families: Iterable[str] = ()) -> tuple[Case, ...]:
    """Return the cases of these ids and families, or all if none are named.

    Raises:
        ConfigError: there is no such case or family.
    """
    ids, families = [*ids], [*families]
    unknown = [one for one in ids if one not in {case.id for case in CASES}]
    unknown += [one for one in families if one not in set(Family)]
    if unknown:
        raise ConfigError(f"no such case or family: {', '.join(unknown)}")
    if not ids and not families:
        return CASES
    return tuple(case for case in CASES if case.id in ids or case.family in families)
