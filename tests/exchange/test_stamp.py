# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Stamping the anchor log: once each, on time, through restarts, and with the authority down."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import structlog.testing

from gateway.client.timestamp import HttpAuthority
from gateway.clock import milliseconds
from gateway.config import Timestamp
from gateway.envelope.timestamp import verify_stamp
from gateway.errors import ConfigError, GatewayError, VerificationError
from gateway.exchange.intake import Closed
from gateway.exchange.log_rows import PublishedRow, StampRow
from gateway.exchange.stamp import FIRST_PAUSE, LONGEST_PAUSE, Stamper, StampWatch, check_settings
from gateway.store import CheckpointStore
from gateway.store.errors import StoreError
from tests.partner_messages import contribution
from tests.timestamp_authority import POLICY, Authority, Certificates, need_openssl

LOG = "us/anchor"


@pytest.fixture(scope="module", name="certificates")
def _certificates(tmp_path_factory):
    """Certificates of an authority."""
    need_openssl()
    return Certificates(tmp_path_factory.mktemp("authority"))


@pytest.fixture(name="authority")
async def _authority(certificates):
    """A running authority."""
    async with Authority(certificates) as authority:
        yield authority


class Desk:
    """A store of published checkpoints, a clock near that of the authority, and what stamps."""

    def __init__(self, folder, authority, certificates, mode):
        self.file = folder / "checkpoints.sqlite"
        self.authority = authority
        self.late = timedelta()
        self.settings = Timestamp(
            mode=mode,
            url=authority.url,
            trust=str(certificates.trust),
            policy=POLICY,
            interval_seconds=60,
            max_age_seconds=600,
            timeout_seconds=5,
            tolerance_seconds=100_000,
        )
        self.open()

    def clock(self):
        """Tell the time."""
        return datetime.now(UTC) + self.late

    def open(self):
        """Open as a start does."""
        self.store = CheckpointStore(self.file)
        doors = {"stamps": self.store, "clock": self.clock, "settings": self.settings}
        self.ticks = 0.0
        self.watch = StampWatch(LOG, tick=self.tick, **doors)
        self.stamper = Stamper(
            LOG,
            authority=HttpAuthority(self.authority.url, timeout_seconds=5, max_reply_bytes=65_536),
            rules=check_settings(self.settings),
            watch=self.watch,
            **doors,
        )

    def tick(self):
        """Return a time at which everything is looked up anew."""
        self.ticks += 10
        return self.ticks

    def publish(self, size):
        """Publish a checkpoint of the anchor log."""
        before = self.store.newest(LOG)
        note = f"{LOG}\n{size}\nroot\n\n— {LOG} c2ln\n".encode()
        row = PublishedRow(
            origin=LOG, size=size, root=bytes(32), note=note, published_at=milliseconds(self.clock())
        )
        assert self.store.swap(before, row)


@pytest.fixture(name="make")
async def _make(tmp_path, authority, certificates):
    """Make a desk with a mode."""
    made = []

    def make(mode="required"):
        made.append(Desk(tmp_path, authority, certificates, mode))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


async def test_each_checkpoint_is_stamped_once(make) -> None:
    """The newest published checkpoint gets one stamp over its exact bytes; with none newer none is asked."""
    desk = make()
    assert not await desk.stamper.stamp()
    desk.publish(3)
    assert await desk.stamper.stamp()
    desk.late = timedelta(hours=2)
    assert not await desk.stamper.stamp()
    assert desk.authority.asked == 1
    kept = desk.store.newest_stamp(LOG)
    rules = check_settings(desk.settings)
    assert milliseconds(verify_stamp(kept.reply, desk.store.newest(LOG).note, rules, desk.clock()).at) == (
        kept.stamped_at
    )


async def test_stamps_keep_their_distance_through_a_restart(make) -> None:
    """Between two stamps lies the interval, also when the process began anew in between."""
    desk = make()
    desk.publish(3)
    assert await desk.stamper.stamp()
    desk.publish(5)
    desk.store.close()
    desk.open()
    assert not await desk.stamper.stamp()
    desk.late = timedelta(seconds=61)
    assert await desk.stamper.stamp()
    assert desk.store.newest_stamp(LOG).size == 5
    desk.late = timedelta(hours=-1)
    desk.publish(6)
    assert await desk.stamper.stamp(), "a clock that was set back must not hold stamps up"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("nonce", "STAMP-NONCE"),
        ("imprint", "STAMP-IMPRINT"),
        ("policy", "STAMP-POLICY"),
        ("expired", "STAMP-CERTIFICATE-TIME"),
        ("use", "STAMP-CERTIFICATE-USE"),
        ("truncated", "STAMP-FORM"),
        ("rejected", "STAMP-REJECTED"),
        ("large", "STAMP-SIZE"),
        ("status", "STAMP-HTTP"),
    ],
)
async def test_faulty_reply_leaves_no_stamp(make, fault, code) -> None:
    """What does not hold is not kept, is named in the log, and the next good reply is."""
    desk = make()
    desk.publish(3)
    desk.authority.fault = fault
    with structlog.testing.capture_logs() as logs:
        assert await desk.stamper.turn() == FIRST_PAUSE
        assert await desk.stamper.turn() == 2 * FIRST_PAUSE
    assert [one["codes"] for one in logs if one["event"] == "stamp.failed"] == [[code]] * 2
    assert desk.store.newest_stamp(LOG) is None
    desk.authority.fault = ""
    await desk.stamper.turn()
    assert desk.store.newest_stamp(LOG).size == 3


async def test_pauses_double_up_to_the_longest(make) -> None:
    """A long outage is asked about ever more rarely, but never more rarely than the longest pause."""
    desk = make()
    desk.publish(3)
    desk.authority.fault = "status"
    pauses = [await desk.stamper.turn() for _ in range(11)]
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    desk.authority.fault = ""
    await desk.stamper.turn()
    desk.publish(4)
    desk.late, desk.authority.fault = timedelta(minutes=2), "status"
    assert await desk.stamper.turn() == FIRST_PAUSE


async def test_required_closes_intake_until_a_stamp_comes(make) -> None:
    """With an overdue stamp nothing is let in and the alarm is raised once; the next stamp opens intake."""
    desk = make()
    await desk.watch.admit()
    desk.publish(3)
    await desk.watch.admit()
    desk.late = timedelta(seconds=601)
    desk.authority.fault = "status"
    with pytest.raises(Closed) as caught:
        await desk.watch.admit()
    assert caught.value.findings[0].code == "STAMP-OVERDUE"
    assert caught.value.retry_seconds > 1
    with structlog.testing.capture_logs() as logs:
        await desk.stamper.turn()
        await desk.stamper.turn()
        desk.authority.fault = ""
        await desk.stamper.turn()
    assert [one["event"] for one in logs if one["event"] in ("stamp.overdue", "stamp.recovered")] == [
        "stamp.overdue",
        "stamp.recovered",
    ]
    await desk.watch.admit()


async def test_best_effort_goes_on_with_an_alarm(make) -> None:
    """Without `required` an overdue stamp raises the alarm, and everything is let in."""
    desk = make("best-effort")
    desk.publish(3)
    desk.late = timedelta(seconds=601)
    desk.authority.fault = "status"
    with structlog.testing.capture_logs() as logs:
        await desk.stamper.turn()
    assert [one["codes"] for one in logs if one["event"] == "stamp.overdue"] == [["STAMP-OVERDUE"]]
    await desk.watch.admit()


async def test_quiet_log_is_never_overdue(make) -> None:
    """A wholly stamped log that does not grow closes nothing, however old its stamp is."""
    desk = make()
    desk.publish(3)
    await desk.stamper.stamp()
    desk.late = timedelta(days=30)
    assert await desk.watch.overdue() is None
    desk.publish(4)
    assert await desk.watch.overdue() is None
    desk.late = timedelta(days=31)
    assert (await desk.watch.overdue()).code == "STAMP-OVERDUE"


async def test_first_look_is_waited_for_by_all(make) -> None:
    """Of many messages at the same moment after a start, none slips in before the store was looked at."""
    desk, looks = make(), []
    desk.publish(3)
    desk.late = timedelta(seconds=601)
    waiting = desk.store.waiting_since
    desk.watch._tick = lambda: 100.0
    desk.store.waiting_since = lambda log: looks.append(log) or waiting(log)
    found = await asyncio.gather(*(desk.watch.admit() for _ in range(8)), return_exceptions=True)
    assert [type(one) for one in found] == [Closed] * 8
    assert looks == [LOG]
    await desk.stamper.stamp()
    await desk.watch.admit()


async def test_clock_of_the_authority_must_be_near(make) -> None:
    """A stamp whose time is further from our clock than tolerated is not kept."""
    desk = make()
    desk.publish(3)
    desk.late = timedelta(days=3)
    with pytest.raises(VerificationError) as caught:
        await desk.stamper.stamp()
    assert caught.value.findings[0].code == "STAMP-CLOCK"


async def test_stamps_lie_beside_published_checkpoints_only(make) -> None:
    """A stamp of a checkpoint that was never published is refused, and a second one changes nothing."""
    desk = make()
    desk.publish(3)
    row = {"origin": LOG, "size": 3, "stamped_at": 5, "received_at": 6}
    assert desk.store.add_stamp(StampRow(reply=b"first", **row))
    assert not desk.store.add_stamp(StampRow(reply=b"second", **row))
    assert desk.store.newest_stamp(LOG).reply == b"first"
    with pytest.raises(StoreError):
        desk.store.add_stamp(StampRow(reply=b"first", **row | {"size": 4}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "sometimes"},
        {"url": ""},
        {"trust": ""},
        {"max_age_seconds": 60},
        {"interval_seconds": 0},
        {"timeout_seconds": 0},
        {"policy": "any"},
    ],
)
async def test_wrong_settings_are_refused(make, wrong) -> None:
    """A mode that is none, a missing address and limits that contradict are faults of configuration."""
    with pytest.raises(ConfigError):
        check_settings(msgspec.structs.replace(make().settings, **wrong))


async def test_closed_intake_keeps_nothing(pair, make) -> None:
    """While a stamp is overdue a gateway takes and keeps no message, and takes the same one afterwards."""
    desk = make()
    desk.publish(3)
    desk.late = timedelta(seconds=601)
    gateway = pair.alpha
    gateway.intake._admit = desk.watch.admit
    with pytest.raises(GatewayError) as caught:
        await gateway.submit(contribution(1), number="m1")
    assert isinstance(caught.value, Closed)
    assert (await gateway.query.ledger()).counts.messages == 0
    await desk.stamper.stamp()
    done = await gateway.submit(contribution(1), number="m1")
    assert done.outcome == "accepted"
