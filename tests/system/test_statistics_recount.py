# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two years of traffic through the real intake, and the same figures counted again from the raw messages."""

import asyncio
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from gateway.agreement import AgreementSet
from gateway.exchange.expand import Sizes
from gateway.exchange.intake import Intake
from gateway.jobs import pack_message
from gateway.registry import load_adapters
from gateway.sdk import Limits
from gateway.store import TimeIds, open_store
from gateway.trade.census import CensusTables
from gateway.trade.exchange_rates import load_rates
from gateway.trade.statistics import answer
from gateway.trade.statistics_question import ask
from tests.fakes import LocalWorkers, repeating
from tests.list_traffic import Traffic

recount = pytest.importorskip("tests.recount", reason="duckdb is of the test group", exc_type=ImportError)
SEED = 20261122
NOW = datetime(2026, 12, 31, 12, tzinfo=UTC)
TODAY = date(2026, 12, 31)


@pytest.fixture(scope="module", name="year")
def _year(tmp_path_factory):
    """The raw messages, the node's answers to them, its statistics, and the recount."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('year') / 'gateway.sqlite'}")
    adapters, rates = load_adapters(("gacc_ceb",)), load_rates()
    reader = adapters["gacc_ceb"]
    intake = Intake(
        organisation="alpha",
        store=store,
        workers=LocalWorkers(lambda _, raw: pack_message(reader.decode(raw, Limits()))),
        ids=TimeIds(1, lambda: NOW),
        clock=lambda: NOW,
        random=repeating(),
        adapters=adapters,
        agreements=AgreementSet(()),
        wake=lambda _: None,
        sizes=Sizes(),
        census=CensusTables(rates).census,
    )
    raw = list(Traffic(SEED).messages(days_between=2))

    async def submit():
        sent = [await intake.submit(one, source="test", submitter="test", adapter="gacc_ceb") for one in raw]
        return [one.outcome for one in sent]

    outcomes = asyncio.run(submit())

    def figures(by, year=2026, end="", **filters):
        question = ask(by, str(year), end or str(year), today=TODAY, **filters)
        return store.run_read(lambda tx: answer(tx, question, rates))

    yield SimpleNamespace(
        raw=raw, outcomes=outcomes, figures=figures, counted=recount.Recount(raw), store=store, rates=rates
    )
    store.shut()


def by(answer, *measures):
    """Return measures by the dimensions of an answer."""
    return {
        tuple(one.by.values()): tuple(getattr(one, each) for each in measures)
        for one in answer.rows
        if one.items
    }


def test_the_traffic_holds_what_it_must(year) -> None:
    """Accepted, partly accepted, refused and repeated messages all occur, and every mode is counted."""
    assert set(year.outcomes) == {"accepted", "partial", "refused", "repeated"}
    modes = {one.by["mode"] for one in year.figures("mode").rows}
    assert modes == {"9610", "1210", "1239", "9710", "9810", "export-returns", "import-returns"}
    classes = year.figures("").coverage.classes
    assert classes["counted"] > 1000
    assert min(classes[name] for name in ("cancelled", "deleted", "no list")) > 0


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ("month,direction,mode", "strftime(day, '%Y-%m'), direction, mode"),
        ("day,direction", "strftime(day, '%Y-%m-%d'), direction"),
        ("country,direction", "country, direction"),
        ("office,mode", "office, mode"),
        ("mode", "mode"),
    ],
)
@pytest.mark.parametrize("when", [2025, 2026])
def test_figures_equal_the_recount(year, names, columns, when) -> None:
    """Items, mass, original values and converted values are those of the raw messages, exactly."""
    told = year.figures(names, when)
    assert by(told, "items", "mass_kg") == year.counted.items(columns, when)
    values = {
        (*one.by.values(), currency): (value,) for one in told.rows for currency, value in one.value.items()
    }
    assert values == year.counted.values(columns, when)
    assert by(told, "converted") == year.counted.converted(columns, when)


def test_chapters_equal_the_recount(year) -> None:
    """An item counts once in each of its chapters, its mass where it has no other, and values by line."""
    told = year.figures("direction,chapter")
    assert by(told, "items", "mass_kg") == year.counted.chapters(2026)
    assert by(told, "converted") == year.counted.converted("direction, chapter", 2026)


def test_bands_and_what_is_not_converted_equal_the_recount(year) -> None:
    """Items fall into the band of their value at the rates of their day, or are said not to be converted."""
    told = year.figures("band")
    lows = {"not converted": -1, "no value": -2}
    found = {
        lows.get(name) or int(name.rstrip("+").partition("-")[0]): items
        for (name,), (items,) in by(told, "items").items()
    }
    assert found == year.counted.bands(2026)
    assert told.total.not_converted == year.counted.unconverted(2026) > 0
    assert told.total.no_value == year.counted.returns(2026) > 0


def test_growth_is_against_the_recount_of_the_year_before(year) -> None:
    """Every month has the items of the same month of the year before beside it, and the growth of both."""
    told = year.figures("month")
    before = year.counted.items("strftime(day, '%Y-%m')", 2025)
    for one in told.rows:
        wanted = before[one.by["month"].replace("2026", "2025"),][0]
        assert one.items_before == wanted
        assert one.growth_items == pytest.approx((one.items - wanted) / wanted)


def test_a_part_of_a_month_is_counted_by_days(year) -> None:
    """A span that begins and ends within months equals the sum of its days, with whole months between."""
    told = year.figures("", "2026-01-17", "2026-04-03")
    counted = year.counted.db.execute(
        "select count(*), sum(mass) from fact where day between '2026-01-17' and '2026-04-03'"
    ).fetchone()
    assert (told.total.items, told.total.mass_kg) == counted


def test_one_mode_and_direction_can_be_asked_for_alone(year) -> None:
    """Conditions leave out everything else, also from the total."""
    told = year.figures("country", direction="import", mode="1210")
    counted = year.counted.db.execute(
        "select count(*) from fact where direction = 'import' and mode = '1210' and year(day) = 2026"
    ).fetchone()[0]
    assert told.total.items == sum(one.items for one in told.rows) == counted > 0


def test_coverage_counts_every_document_and_item(year) -> None:
    """Refused documents and the classes of items add up to what the store holds."""
    coverage = year.figures("").coverage
    assert sum(coverage.messages.values()) == len(set(year.raw))
    assert coverage.refused_documents > 0
    items = year.store.run_read(lambda tx: tx.ledger().items)
    assert sum(coverage.classes.values()) == sum(items.values())
