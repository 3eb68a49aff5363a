# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Tell the story of one item in lines of text, for terminals."""

from collections.abc import Iterator

from gateway.clock import moment
from gateway.exchange.query import ReceivedRecord, Trace
from gateway.model import leaf_values

# Said wherever a receipt is shown that the partner has not signed.
ATTESTED = ", attested by the sender, not signed by the partner"


def trace_lines(found: Trace) -> Iterator[str]:
    """Tell one item at its sender: sources, fields with who said them, findings, shares."""
    yield f"{found.tracking_number}  item {found.item_id}  {found.state}  version {found.version}"
    for one in found.sources:
        at, retired = moment(one.received_at), " (no longer counts)" if one.retired else ""
        signed = f" {one.signature}" if one.signature else ""
        yield f"  {at:%Y-%m-%d %H:%M:%S}Z {one.message_type} {one.kind} {one.function}{signed}{retired}"
    if found.item is not None:
        for path, value in leaf_values(found.item):
            kind, _ = found.provenance.get(path, ("", 0))
            yield f"    {path} = {value}  [{kind or 'register'}]"
    for problem in found.findings:
        yield f"  {problem.severity} {problem.code} {problem.path}: {problem.remedy}"
    for other in found.records:
        code = f" {other.code}" if other.code else ""
        yield f"  {other.record} {other.item_id}{code}  {other.state}  version {other.version}"
    for share in found.shares:
        lacking = f", lacks {', '.join(share.missing)}" if share.missing else ""
        yield f"  {share.agreement} {share.function} v{share.version}: {share.state}{lacking}"
        if share.sequence:
            yield (
                f"    batch {share.batch_id} sequence {share.sequence}, log entry {share.log_index}, "
                f"receipt entry {share.receipt_log_index}{ATTESTED if share.attested else ''}"
            )


def received_lines(one: ReceivedRecord) -> Iterator[str]:
    """Tell one record at its recipient: what came, and what was withheld."""
    release, what = one.release, f"{one.release.function} v{one.release.version}"
    yield f"from {one.partner}: {what}, {one.state}, reference {release.reference}"
    yield (
        f"  batch {one.batch_id} sequence {one.sequence} position {one.position}, log entry {one.log_index}"
    )
    for path, value in leaf_values(release.item):
        yield f"    {path} = {value}"
    for commitment in release.commitments:
        yield f"    {commitment.path} withheld, commitment {commitment.digest.hex()[:16]}…"
