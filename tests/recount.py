# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Count the trade again from raw messages, with nothing of the gateway: ElementTree reads, DuckDB adds up.

What is in force follows the published meaning of the application types: the first new list under a reference
stands; a change or deletion replaces it unless it was issued before what stands; a cancellation that stands
takes its list out; a list without a trade mode is no list.
"""

import tomllib
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import duckdb

CEB = "{http://www.chinaport.gov.cn/ceb}"
CURRENCIES = {"142": "CNY", "502": "USD", "300": "EUR", "303": "GBP", "116": "JPY", "331": "CHF"}
COUNTRIES = {"304": "DE", "502": "US", "303": "GB", "305": "FR", "116": "JP", "601": "AU"}
DATA = Path(__file__).parents[1] / "gateway" / "trade" / "data"

_TABLES = """
create table said (seq integer, ref text, kind text, app_type integer, app_time text, day date,
    direction text, mode text, country text, office text, mass decimal(19,5), number text);
create table line (seq integer, place integer, chapter text, currency text, value decimal(19,5));
create table rate (currency text, first date, last date, rate decimal(18,8));
create table bound (low decimal(18,2));
"""
_VIEWS = """
create view sound as select *, row_number() over (partition by kind, ref order by seq) as place from said;
create view words as select *, max(app_time) over (partition by kind, ref order by seq) as latest
    from sound where app_type <> 1 or place = 1;
create view taken as select * from words where app_time = latest;
create view standing as select * from taken
    qualify row_number() over (partition by kind, ref order by seq desc) = 1;
create view dropped as select number from standing where kind = 'cancel' and app_type <> 3;
create table fact as select * from standing where kind <> 'cancel' and app_type <> 3
    and not (kind = 'list' and number in (select number from dropped where number <> ''));
create table worth as select f.*, l.place as line, l.chapter, l.currency, l.value,
    case when l.currency = 'CNY' then 1::decimal(18,8) else r.rate end as rate
    from fact f join line l using (seq)
    left join rate r on r.currency = l.currency and f.day between r.first and r.last;
"""


class Recount:
    """The figures of raw messages."""

    def __init__(self, messages):
        """Read messages, the same bytes once."""
        self.db = duckdb.connect()
        self.db.execute(_TABLES)
        said, lines = [], []
        for raw in dict.fromkeys(messages):
            root = ET.fromstring(raw)
            name = root.tag.removeprefix(CEB).removesuffix("Message")
            read = READ.get(name)
            for document in root if read else ():
                row = None if document.tag == f"{CEB}BaseTransfer" else read(document)
                if row is not None:
                    seq = len(said)
                    said.append((seq, *row))
                    lines += [(seq, place, *one) for place, one in enumerate(_lines(document))]
        self.db.executemany("insert into said values (?,?,?,?,?,?,?,?,?,?,?,?)", said)
        self.db.executemany("insert into line values (?,?,?,?,?)", lines)
        rates = tomllib.loads((DATA / "exchange_rates_sample.toml").read_text("utf-8"))["rates"]
        self.db.executemany(
            "insert into rate values (?,?,?,?)",
            [(one["currency"], one["from"], one["until"], one["rate"]) for one in rates],
        )
        bounds = tomllib.loads((DATA / "value_bands.toml").read_text("utf-8"))["period"][0]["bounds"]
        self.db.executemany("insert into bound values (?)", [(one,) for one in bounds])
        self.db.execute(_VIEWS)

    def items(self, dimensions, year):
        """Return items and mass by dimensions."""
        return self._by(f"""select {dimensions}, count(*), coalesce(sum(mass), 0) from fact
            where year(day) = {year} group by all""")

    def values(self, dimensions, year):
        """Return the original value by dimensions and currency."""
        return self._by(f"""select {dimensions}, currency, sum(value) from worth
            where year(day) = {year} and currency <> '' group by all having sum(value) <> 0""")

    def converted(self, dimensions, year):
        """Return the converted value by dimensions: the exact sum, rounded once, half to even."""
        found = self._by(f"""select {dimensions}, sum(value * rate) from worth
            where year(day) = {year} group by all""")
        return {key: (_cents(value),) for key, (value,) in found.items()}

    def chapters(self, year):
        """Return how many items have a chapter, and the mass of those that have no other."""
        return self._by(f"""with c as (select distinct seq, direction, chapter, mass,
                count(distinct chapter) over (partition by seq) as n from worth where year(day) = {year})
            select direction, chapter, count(*), coalesce(sum(case when n = 1 then mass end), 0)
            from c group by all""")

    def bands(self, year):
        """Return items by the lower bound of their band, -1 if not converted, -2 without value."""
        sql = f"""with w as (select seq, case
                when bool_or(currency <> '' and rate is null) then -1
                when bool_and(currency = '') then -2 else sum(value * rate) end as total
                from worth where year(day) = {year} group by seq)
            select case when total < 0 then total::integer
                else (select max(low)::integer from bound where low <= total) end as low, count(*)
            from w group by all"""
        return dict(self.db.execute(sql).fetchall())

    def unconverted(self, year):
        """Return how many items have a first currency without a rate."""
        sql = f"""select count(*) from (select * from worth where year(day) = {year}
            and currency <> '' qualify row_number() over (partition by seq order by line) = 1)
            where rate is null"""
        return self.db.execute(sql).fetchone()[0]

    def returns(self, year):
        """Return how many returns there are."""
        sql = f"select count(*) from fact where kind = 'return' and year(day) = {year}"
        return self.db.execute(sql).fetchone()[0]

    def _by(self, sql):
        """Return rows by all but their last numbers: a mapping from texts to numbers."""
        found = {}
        for row in self.db.execute(sql).fetchall():
            key = tuple(one for one in row if isinstance(one, str))
            values = tuple(one for one in row if not isinstance(one, str))
            found[key] = values
        return found


def _cents(value):
    """Return an exact sum to the cent, nothing as zero."""
    return (value or Decimal(0)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def _text(document, name):
    return document.findtext(f".//{CEB}{name}") or ""


def _list(document):
    if not _text(document, "tradeMode"):
        return None
    export = _text(document, "ieFlag") == "E"
    day = _text(document, "ieDate" if export else "declTime")
    return (
        _text(document, "copNo"),
        "list",
        int(_text(document, "appType")),
        _text(document, "appTime"),
        f"{day[:4]}-{day[4:6]}-{day[6:]}",
        "export" if export else "import",
        _text(document, "tradeMode"),
        COUNTRIES[document[0].findtext(f"{CEB}country")],
        _text(document, "customsCode"),
        _text(document, "grossWeight"),
        _text(document, "invtNo"),
    )


def _cancel(document):
    head = (_text(document, "copNo"), "cancel", int(_text(document, "appType")), _text(document, "appTime"))
    return (*head, None, "", "", "", "", None, _text(document, "invtNo"))


def _return(document):
    stamp = _text(document, "appTime")
    return (
        _text(document, "coElNo"),
        "return",
        int(_text(document, "appType")),
        stamp,
        f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}",
        "import",
        "export-returns",
        COUNTRIES[document[0].findtext(f"{CEB}country")],
        _text(document, "customsCode"),
        None,
        "",
    )


def _return_of_import(document):
    stamp = _text(document, "appTime")
    return (
        _text(document, "copNo"),
        "return",
        int(_text(document, "appType")),
        stamp,
        f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}",
        "import",
        "import-returns",
        "",
        _text(document, "customsCode"),
        None,
        "",
    )


READ = {
    "CEB603": _list,
    "CEB621": _list,
    "CEB605": _cancel,
    "CEB213": _return,
    "CEB625": _return_of_import,
}


def _lines(document):
    for tag in ("InventoryList", "InvtRefundList"):
        for one in document.iter(f"{CEB}{tag}"):
            code = one.findtext(f"{CEB}gcode")
            value = one.findtext(f"{CEB}totalPrice")
            yield code[:2], CURRENCIES[one.findtext(f"{CEB}currency")] if value else "", value or 0
