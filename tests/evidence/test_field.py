# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Openings of withheld fields: the one value comes out, logged, and nothing else can be passed off as it."""

import asyncio
from types import SimpleNamespace

import msgspec
import pytest

from gateway.envelope import dsse
from gateway.envelope.seal import seal
from gateway.errors import CouldNotCheck, PolicyRefusal, VerificationError
from gateway.evidence import read_opening, verify_opening
from gateway.evidence.field import PAYLOAD_TYPE, sign_opening
from gateway.evidence.verify import original_of
from gateway.exchange.open_field import FieldOpener, find_original
from gateway.model import Party
from tests.evidence.conftest import bundles_of, exchange
from tests.partner_messages import contribution, tracking

PATH = "sender.name"
change = msgspec.structs.replace


def opener(gateway):
    """Return the opener of a gateway."""
    return FieldOpener(gateway.store, gateway.journal, gateway.own.seal)


@pytest.fixture(scope="module", name="opened")
def _opened(keys):
    """An opening that alpha made of parcel 4, and the record as beta holds it."""

    async def make():
        alpha, beta = await exchange(keys)
        (file,) = await opener(alpha).open(tracking(4), PATH, alpha.clock.now)
        original = await find_original(beta.store, "beta", read_opening(file))
        return SimpleNamespace(alpha=alpha, beta=beta, keys=keys, file=file, original=original)

    return asyncio.run(make())


def signed(opened, who="alpha", **changes):
    """Return an opening with other contents, really signed."""
    return sign_opening(change(read_opening(opened.file), **changes), opened.keys[who].seal)[1]


def test_recipient_sees_the_value(opened) -> None:
    """The recipient checks the opening against the batch it holds and learns this value."""
    found = verify_opening(opened.file, opened.original, opened.beta.keyring)
    assert (found.path, found.value) == (PATH, b"B. Example")


def test_access_is_logged(opened) -> None:
    """The opening stands in the log about the partner, in salted form."""
    events = [
        one.event for (name, _), one in opened.alpha.store.tables.entries.items() if name == "alpha/beta"
    ]
    assert events[-1] == "access"
    assert b"B. Example" not in b"".join(one.leaf for one in opened.alpha.store.tables.entries.values())


async def test_sender_finds_its_own_record(opened) -> None:
    """The sender can check the opening against its own batch."""
    original = await find_original(opened.alpha.store, "alpha", read_opening(opened.file))
    assert verify_opening(opened.file, original, opened.alpha.keyring).position == original.position


async def test_opening_holds_against_a_bundle(world) -> None:
    """Offline, the opening is checked against an evidence bundle that holds."""
    (file,) = await opener(world.alpha).open(tracking(4), PATH, world.now)
    original, keyring = original_of(world.files["received"], world.anchors, world.now)
    assert verify_opening(file, original, keyring).value == b"B. Example"
    with pytest.raises(VerificationError):
        original_of(world.files["received"][:-9], world.anchors, world.now)


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (lambda o: signed(o, value=b"C. Example"), "AUDIT-COMMITMENT"),
        (lambda o: signed(o, salt=bytes(32)), "AUDIT-COMMITMENT"),
        (lambda o: signed(o, salt=b"short"), "AUDIT-COMMITMENT"),
        (lambda o: signed(o, position=1), "AUDIT-FIELD-RECORD"),
        (lambda o: signed(o, batch_id="00000000000003e9"), "AUDIT-FIELD-RECORD"),
        (lambda o: signed(o, statement_digest=bytes(32)), "AUDIT-FIELD-RECORD"),
        (lambda o: signed(o, recipient="gamma"), "AUDIT-FIELD-RECORD"),
        (lambda o: signed(o, path="addressee.name"), "AUDIT-FIELD-PATH"),
        (lambda o: signed(o, who="beta"), "TRUST-KEY-OWNER"),
        (lambda o: o.file.replace(b'"payload":"', b'"payload":"AA', 1), "AUDIT-FIELD-FORM"),
        (lambda o: o.file[:-3], "TRUST-ENVELOPE"),
        (lambda o: o.file + b" ", "AUDIT-FIELD-FORM"),
        (lambda o: b"x" * 300_000, "AUDIT-FIELD-FORM"),
        (lambda o: dsse.to_json(seal(PAYLOAD_TYPE, b"{}", o.keys["alpha"].seal)), "AUDIT-FIELD-FORM"),
        (lambda o: dsse.to_json(seal("other", b"{}", o.keys["alpha"].seal)), "AUDIT-FIELD-FORM"),
    ],
)
def test_bent_opening_is_refused(opened, bend, code) -> None:
    """Each way of bending an opening has its finding."""
    with pytest.raises(VerificationError) as caught:
        verify_opening(bend(opened), opened.original, opened.beta.keyring)
    assert code in {one.code for one in caught.value.findings}


async def test_only_commitments_can_be_opened(opened) -> None:
    """A field that was sent, omitted or never said has nothing to open."""
    for path in ("addressee.name", "note", "content[0].hs"):
        with pytest.raises(PolicyRefusal):
            await opener(opened.alpha).open(tracking(4), path, opened.alpha.clock.now)


async def test_changed_item_still_opens_what_was_sent(keys) -> None:
    """After a change, the value that was committed to then comes out, not the one of today."""
    alpha, _ = await exchange(keys)
    await alpha.submit(contribution(4, "change", sender=Party(name="Z. Example")), number="m9")
    (file,) = await opener(alpha).open(tracking(4), PATH, alpha.clock.now)
    assert read_opening(file).value == b"B. Example"


async def test_erased_value_is_lost(keys) -> None:
    """Without the item's secret no salt can be made, and nothing is logged."""
    alpha, _ = await exchange(keys)
    (row,) = [one for one in alpha.store.tables.items.values() if one.tracking_number == tracking(4)]
    alpha.store.tables.items[row.id] = change(row, secret=b"", body=b"")
    before = len(alpha.store.tables.entries)
    with pytest.raises(VerificationError) as caught:
        await opener(alpha).open(tracking(4), PATH, alpha.clock.now)
    assert [one.code for one in caught.value.findings] == ["AUDIT-FIELD-LOST"]
    assert len(alpha.store.tables.entries) == before


async def test_unpublished_entry_is_not_shown(keys) -> None:
    """A bundle under a checkpoint that has not been published is refused for now."""
    alpha, _ = await exchange(keys)
    maker = bundles_of(alpha, keys)
    state = alpha.store.tables.logs["alpha/beta"]
    early = SimpleNamespace(size=1, note=state.checkpoint)
    maker._holdings = SimpleNamespace(
        **{name: getattr(maker._holdings, name) for name in ("keyring", "materials", "agreement")},
        published=lambda _: early,
    )
    with pytest.raises(CouldNotCheck):
        await maker.of(tracking(4))
