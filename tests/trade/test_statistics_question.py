# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Questions name a span, what tells figures apart, and conditions; spans cover every day once."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.trade.statistics_question import QuestionError, Span, ask, spans

TODAY = date(2026, 11, 23)
days = st.dates(date(2015, 1, 1), date(2030, 12, 31))


def days_of(span):
    """Return the days that a span of periods stands for."""
    first, last = str(span.first), str(span.last)
    if len(first) == 8:
        begin, end = (date(int(one[:4]), int(one[4:6]), int(one[6:])) for one in (first, last))
    else:
        begin = date(int(first[:4]), int(first[4:]), 1)
        month = date(int(last[:4]), int(last[4:]), 28) + timedelta(days=4)
        end = month.replace(day=1) - timedelta(days=1)
    return [begin + timedelta(days=offset) for offset in range((end - begin).days + 1)]


@given(first=days, length=st.integers(0, 900), by=st.sampled_from(["", "day", "month"]))
def test_spans_cover_every_day_once(first, length, by) -> None:
    """Months and days, less what is taken away, are exactly the days that were asked for."""
    last = first + timedelta(days=length)
    question = ask(by, first.isoformat(), last.isoformat(), today=TODAY)
    found = Counter()
    for span in spans(question):
        for day in days_of(span):
            found[day] += span.sign
            assert span.month in {0, day.year * 100 + day.month}
    assert +found == {first + timedelta(days=offset): 1 for offset in range(length + 1)}
    assert set(found.values()) <= {0, 1}


def test_the_larger_part_of_a_month_is_the_month_less_the_rest() -> None:
    """At most half of a month is read by days, whatever part of it is asked for."""
    question = ask("", "2026-01-03", "2026-03-14", today=TODAY)
    assert spans(question) == [
        Span(202601, 202602),
        Span(20260101, 20260102, sign=-1, month=202601),
        Span(20260301, 20260314, month=202603),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "first", "last"),
    [
        ("", "", date(2026, 1, 1), TODAY),
        ("2025", "2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2026-02", "2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("", "2025-06-10", date(2025, 1, 1), date(2025, 6, 10)),
    ],
)
def test_days_months_and_years_name_a_span(begin, end, first, last) -> None:
    """A short form stands for the whole month or year; what is not said is this year."""
    question = ask("", begin, end, today=TODAY)
    assert (question.first, question.last) == (first, last)


def test_the_year_before_a_leap_day_ends_with_its_february() -> None:
    """The same period of the year before exists for every day."""
    question = ask("", "2028-02-29", "2028-02-29", today=TODAY).year_before()
    assert (question.first, question.last) == (date(2027, 2, 28), date(2027, 2, 28))


@pytest.mark.parametrize(
    ("words", "conditions", "path"),
    [
        (("planet", "", ""), {}, "by"),
        (("country,office", "", ""), {}, "by"),
        (("day,month", "", ""), {}, "by"),
        (("", "2026-13", ""), {}, "from"),
        (("", "", "2026-02-30"), {}, "to"),
        (("", "0001", ""), {}, "from"),
        (("", "2026-05", "2026-04"), {}, "from"),
        (("", "1990", "2026"), {}, "from"),
        (("", "", ""), {"direction": "up"}, "direction"),
        (("", "", ""), {"mode": "9610; drop"}, "mode"),
    ],
)
def test_a_question_without_answer_is_refused(words, conditions, path) -> None:
    """The finding names the part of the question, and what may stand there."""
    with pytest.raises(QuestionError) as raised:
        ask(*words, today=TODAY, **conditions)
    (found,) = raised.value.findings
    assert (found.code, found.path) == ("TRADE-QUESTION", path)
    assert found.expected
