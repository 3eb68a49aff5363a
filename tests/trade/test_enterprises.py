# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The register of enterprises: acts, history, concurrency, log."""

import asyncio
import json
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.audit import salted_digest
from gateway.audit.entry import parse
from gateway.errors import InputError
from gateway.store import open_store
from gateway.trade.enterprise import WITHDRAWN, Amendment, Credit
from gateway.trade.enterprise_directory import Directory
from gateway.trade.enterprises import LOG, in_force
from tests.enterprise_stage import FIRST, Register, code_of, customs_code_of, registration, told

DAYS = st.integers(0, 2000).map(lambda number: FIRST + timedelta(days=number))


def amendment(day, **fields):
    """Return a change."""
    return Amendment(valid_from=day, source="filing F-2", **fields)


def test_a_registration_is_kept_and_logged(register) -> None:
    """What was registered comes back by both codes, and the log has the salted digest of the act."""
    done = register.register(registration())
    assert register.history(code_of(1)) == register.history(customs_code_of(1)) == [done]
    assert (done.version, done.actor, done.log_index) == (1, "test", 0)
    entry, statement = register.store.run_read(
        lambda tx: (tx.log_entries(f"alpha/{LOG}", 0, 1)[0], tx.statements_after("decision", 0, 9)[0])
    )
    partner, row = statement
    assert (partner, entry.subject) == (LOG, f"decision:{row.id}")
    assert parse(entry.leaf).digest == salted_digest(entry.salt, row.first)
    assert json.loads(row.first)["enterprises"][0]["uscc"] == code_of(1)


def test_changes_add_versions(register) -> None:
    """A change keeps what it does not name, adds to the credit history, and leaves the version before."""
    first = register.register(registration())
    day = date(2025, 6, 1)
    later = Credit(level="advanced", first=day)
    second = register.change(code_of(1), amendment(day, name="New name", credit=(later,), areas=()))
    assert register.history(code_of(1)) == [first, second]
    assert (second.version, second.roles, second.areas) == (2, first.roles, ())
    assert [second.level(one) for one in (FIRST, day - timedelta(days=1), day)] == ["ordinary"] * 2 + [
        "advanced"
    ]
    assert in_force([first, second], day - timedelta(days=1)) == [first]


def test_a_withdrawn_enterprise_may_return(register) -> None:
    """After a withdrawal nothing holds, until the enterprise is registered again from a later day."""
    register.register(registration())
    gone, back = date(2025, 1, 1), date(2025, 3, 1)
    assert register.withdraw(code_of(1), gone).state == WITHDRAWN
    assert in_force(register.history(code_of(1)), gone) == []
    with pytest.raises(InputError) as raised:
        register.register(registration(valid_from=gone))
    assert told(raised) == [("ENTERPRISE-DATES", "valid_from", "")]
    assert register.register(registration(valid_from=back)).version == 3
    assert len(in_force(register.history(code_of(1)), back)) == 1


def test_a_customs_code_passes_on_only_when_free(register) -> None:
    """A code is refused while another enterprise has it, and for a time before it does; then it passes on."""
    register.register(registration(1))
    other = registration(2, customs_code=customs_code_of(1), valid_from=date(2025, 1, 1))
    for one in (other, registration(2, customs_code=customs_code_of(1), valid_from=date(2020, 1, 1))):
        with pytest.raises(InputError) as raised:
            register.register(one)
        assert told(raised) == [("ENTERPRISE-CODE-TAKEN", "customs_code", "")]
    register.withdraw(code_of(1), date(2025, 1, 1))
    register.register(other)
    directory = Directory()

    def ask(tx):
        directory.refresh(tx)
        return [directory.find(tx, customs_code_of(1), day) for day in (FIRST, date(2025, 1, 1))]

    assert [one.uscc for one in register.store.run_read(ask)] == [code_of(1), code_of(2)]


@pytest.mark.parametrize(
    ("act", "code", "path"),
    [
        (lambda one: one.register(registration()), "ENTERPRISE-EXISTS", "uscc"),
        (lambda one: one.change(code_of(9), amendment(FIRST, name="x")), "ENTERPRISE-UNKNOWN", "uscc"),
        (lambda one: one.withdraw(code_of(9), FIRST), "ENTERPRISE-UNKNOWN", "uscc"),
        (lambda one: one.change(code_of(1), amendment(FIRST, name="x")), "ENTERPRISE-DATES", "valid_from"),
        (lambda one: one.withdraw(code_of(1), FIRST), "ENTERPRISE-DATES", "valid_from"),
        (lambda one: one.change(code_of(1), amendment(date(2025, 1, 1))), "ENTERPRISE-SAME", ""),
        (
            lambda one: one.change(code_of(2), amendment(date(2026, 1, 1), name="x")),
            "ENTERPRISE-WITHDRAWN",
            "uscc",
        ),
        (lambda one: one.withdraw(code_of(2), date(2026, 1, 1)), "ENTERPRISE-WITHDRAWN", "uscc"),
        (lambda one: one.load([]), "ENTERPRISE-FILE", ""),
        (lambda one: one.load([registration(5)] * 10_001), "ENTERPRISE-FILE", ""),
    ],
)
def test_what_is_not_allowed_does_nothing(register, act, code, path) -> None:
    """A refused act leaves no version and no entry in the log."""
    register.register(registration(1))
    register.register(registration(2))
    register.withdraw(code_of(2), date(2025, 1, 1))
    with pytest.raises(InputError) as raised:
        act(register)
    assert told(raised) == [(code, path, "")]
    assert register.log_size() == 3
    assert len(register.history(code_of(1))) == 1


def test_one_bad_row_stops_an_import(register) -> None:
    """Every bad row is named by its number, and none of the good ones is registered."""
    register.register(registration(1))
    rows = [
        registration(3),
        registration(4, roles=("smuggler",)),
        registration(1),
        registration(3),
        registration(6, customs_code=customs_code_of(3)),
        registration(7, uscc="91440300000000007A"),
    ]
    with pytest.raises(InputError) as raised:
        register.load(rows)
    assert told(raised) == [
        ("ENTERPRISE-ROLE", "roles[0]", "row 2"),
        ("ENTERPRISE-EXISTS", "uscc", "row 3"),
        ("ENTERPRISE-EXISTS", "uscc", "row 4"),
        ("ENTERPRISE-CODE-TAKEN", "customs_code", "row 4"),
        ("ENTERPRISE-CODE-TAKEN", "customs_code", "row 5"),
        ("ENTERPRISE-USCC", "uscc", "row 6"),
    ]
    assert register.history(code_of(3)) == []
    assert register.log_size() == 1


def test_an_import_is_one_act(register) -> None:
    """A whole import is one entry in the log, and its enterprises come page by page."""
    rows = [registration(number) for number in range(1, 12)]
    done = register.load(rows)
    assert {one.log_index for one in done} == {0}
    assert register.log_size() == 1
    pages = [asyncio.run(register.registry.page("", 6))]
    pages.append(asyncio.run(register.registry.page(pages[0][-1].uscc, 6)))
    assert [one.uscc for page in pages for one in page] == sorted(one.uscc for one in rows)


def test_of_two_registrations_at_once_one_wins(register) -> None:
    """Fifty submitters on two nodes register one enterprise: one does, the others learn that it exists."""
    store = open_store(register.url)
    _, other = register.beside(store, 2)

    async def race():
        acts = [
            (register.registry, other)[number % 2].register(
                registration(1, name=f"n{number}"), actor=f"a{number}"
            )
            for number in range(50)
        ]
        return await asyncio.gather(*acts, return_exceptions=True)

    done = asyncio.run(race())
    store.shut()
    failed = [one for one in done if isinstance(one, InputError)]
    assert len(failed) == 49
    assert {one.findings[0].code for one in failed} == {"ENTERPRISE-EXISTS"}
    assert len(register.history(code_of(1))) == 1
    assert register.log_size() == 1


def test_two_changes_at_once_both_count_in_order(register) -> None:
    """Changes by many at once never share a version, and those that come too late are refused."""
    register.register(registration())

    async def race():
        acts = [
            register.registry.change(
                code_of(1), amendment(FIRST + timedelta(days=number), name=f"n{number}"), actor="a"
            )
            for number in range(1, 31)
        ]
        return await asyncio.gather(*reversed(acts), return_exceptions=True)

    done = [one for one in asyncio.run(race()) if not isinstance(one, InputError)]
    versions = register.history(code_of(1))
    assert [one.version for one in versions] == list(range(1, len(done) + 2))
    assert [one.valid_from for one in versions] == sorted({one.valid_from for one in versions})


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(
    steps=st.lists(st.tuples(st.sampled_from(["register", "change", "withdraw"]), DAYS), max_size=12),
    days=st.lists(DAYS, min_size=1, max_size=6),
)
def test_history_is_what_was_accepted(tmp_path_factory, signing, steps, days) -> None:
    """After any acts the versions are the accepted ones in order, and every lookup as of a day agrees."""
    register = Register(tmp_path_factory.mktemp("history"), signing)
    directory, model = Directory(), []
    try:
        for number, (what, day) in enumerate(steps):
            try:
                if what == "register":
                    register.register(registration(valid_from=day, name=f"n{number}"))
                elif what == "change":
                    register.change(code_of(1), amendment(day, name=f"n{number}"))
                else:
                    register.withdraw(code_of(1), day)
            except InputError:
                accepted = False
            else:
                accepted = True
            live = bool(model) and model[-1][0] != "withdraw"
            expected = (not model or day > model[-1][1]) and (what == "register") != live
            assert accepted == expected, (what, day, model)
            if accepted:
                model.append((what, day, number))

            def ask(tx):
                directory.refresh(tx)
                return [
                    [directory.find(tx, one, day) for day in days] for one in (code_of(1), customs_code_of(1))
                ]

            by_uscc, by_code = register.store.run_read(ask)
            wanted = [[step for step in model if step[1] <= day][-1:] for day in days]
            assert [one and one.valid_from for one in by_uscc] == [
                None if not one or one[0][0] == "withdraw" else one[0][1] for one in wanted
            ]
            assert by_code == by_uscc
        versions = register.history(code_of(1))
        assert [one.valid_from for one in versions] == [day for _, day, _ in model]
        assert register.log_size() == len(model)
    finally:
        register.store.shut()
