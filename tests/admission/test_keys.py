# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Keys: told once, good for a name and roles until they expire or are revoked, and every act is entered."""

import base64

import pytest

from gateway.access import Role, secret
from gateway.admission.keys import MOST_DAYS
from gateway.errors import InputError
from tests.admission_stage import Admitting


def codes(refused):
    """Return the finding codes of what was raised."""
    return [one.code for one in refused.value.findings]


def test_a_key_lets_its_holder_in(admitting) -> None:
    """The holder comes in the name and with the roles of the key."""
    made = admitting.make("platform-a", ["submitter"])
    caller = admitting.caller(made.secret)
    assert (caller.name, caller.role) == ("platform-a", Role.SUBMITTER)
    assert caller.may("messages.submit")
    assert not caller.may("board.read")


def test_roles_add_up_and_lists_of_names_count(admitting) -> None:
    """Somebody of two roles may what either may, and what the configuration gives the name."""
    made = admitting.make("duty", ["submitter", "administrator", "operator"])
    assert made.key.roles == ("administrator", "operator", "submitter")
    caller = admitting.caller(made.secret, lists={"enterprises.registrars": ["duty"]})
    assert caller.role == Role.ADMINISTRATOR
    for permission in ("access.change", "dead-letters.replay", "messages.submit", "enterprises.change"):
        assert caller.may(permission)
    assert not caller.may("returns.decide")


def test_the_configuration_gives_a_key_no_role(admitting) -> None:
    """A submitter's key whose name stands among the operators is still a submitter's."""
    made = admitting.make("duty", ["submitter"])
    assert admitting.caller(made.secret, operators=["duty"]).role == Role.SUBMITTER


def test_only_a_digest_is_kept(admitting) -> None:
    """The row and the words of the log hold no part of the secret."""
    made = admitting.make()
    row = admitting.store.run_read(lambda tx: tx.credential(int(made.key.number)))
    chosen = made.secret.rpartition(f"{made.key.number}_")[2]
    held = repr(row).encode() + repr(admitting.entered()).encode() + row.digest
    assert chosen.encode() not in held
    assert base64.urlsafe_b64decode(chosen + "=") not in held
    assert row.digest == secret.digest(made.secret)


def test_no_other_secret_lets_in(admitting) -> None:
    """A changed secret, a number that does not exist, another kind and no secret at all open nothing."""
    made, other = admitting.make(), admitting.make()
    kind, number, chosen = made.secret.split("_", 2)
    last = "A" if chosen[-2] != "A" else "B"
    for text in (
        f"{kind}_{number}_{chosen[:-2]}{last}{chosen[-1]}",
        f"{kind}_{other.key.number}_{chosen}",
        f"{kind}_1_{chosen}",
        f"{kind}_{2**63}_{chosen}",
        f"eadlink_{number}_{chosen}",
        f"{kind}_{number}_",
        chosen,
        "",
    ):
        assert admitting.caller(text) is None, text
    assert admitting.caller(made.secret) is not None


def test_a_key_expires(admitting) -> None:
    """It is good until the last moment of its days and not at their end."""
    made = admitting.make(days=2)
    admitting.later(days=2, milliseconds=-1)
    assert admitting.caller(made.secret) is not None
    admitting.later(milliseconds=1)
    assert admitting.caller(made.secret) is None


def test_a_revoked_key_is_refused_within_seconds(admitting, url, signing) -> None:
    """Another node that has just let the holder in refuses two seconds later."""
    made = admitting.make()
    other = Admitting(url, signing, node=2)
    assert other.caller(made.secret) is not None
    ended = admitting.revoke(made.key.number)
    assert ended.revoked_at == admitting.page()[0].revoked_at > 0
    other.later(seconds=2)
    assert other.caller(made.secret) is None
    other.store.shut()


def test_use_is_remembered_to_the_hour(admitting) -> None:
    """The row holds the hour of the last use, which is written once an hour."""
    made = admitting.make()
    assert admitting.page()[0].used_at == 0
    assert admitting.caller(made.secret) is not None
    hour = admitting.page()[0].used_at
    assert hour == int(admitting.now.replace(minute=0).timestamp() * 1000)
    admitting.later(minutes=39)
    assert admitting.caller(made.secret) is not None
    assert admitting.page()[0].used_at == hour
    admitting.later(minutes=1)
    assert admitting.caller(made.secret) is not None
    assert admitting.page()[0].used_at == hour + 3_600_000


@pytest.mark.parametrize(
    ("name", "roles", "days", "code"),
    [
        ("local", ["operator"], 1, "ACCESS-NAME"),
        ("grpc", ["operator"], 1, "ACCESS-NAME"),
        ("", ["operator"], 1, "ACCESS-NAME"),
        ("Platform A", ["operator"], 1, "ACCESS-NAME"),
        ("a" * 65, ["operator"], 1, "ACCESS-NAME"),
        ("a", [], 1, "ACCESS-ROLES"),
        ("a", ["local"], 1, "ACCESS-ROLES"),
        ("a", ["partner"], 1, "ACCESS-ROLES"),
        ("a", ["root"], 1, "ACCESS-ROLES"),
        ("a", ["operator"], 0, "ACCESS-DAYS"),
        ("a", ["operator"], MOST_DAYS + 1, "ACCESS-DAYS"),
    ],
)
def test_bad_wishes_are_refused_and_entered(admitting, name, roles, days, code) -> None:
    """What no key can have is a finding; nothing is made, and the attempt is an entry."""
    with pytest.raises(InputError) as refused:
        admitting.make(name, roles, days)
    assert codes(refused) == [code]
    assert admitting.page() == []
    (act,) = admitting.entered()
    assert (act["what"], act["outcome"], act["codes"]) == ("key.make", "refused", [code])


def test_acts_are_entered_in_the_anchor_log(admitting) -> None:
    """Making, revoking and revoking again are three entries, the last one refused."""
    made = admitting.make("duty", ["operator", "auditor"])
    admitting.revoke(made.key.number)
    for number in (made.key.number, "7", "x", "", "9" * 30):
        with pytest.raises(InputError) as refused:
            admitting.revoke(number)
        assert codes(refused) == ["ACCESS-UNKNOWN"]
    first, second, *rest = admitting.entered()
    about = f"duty {made.key.number}"
    assert (first["what"], first["actor"], first["outcome"], first["about"], first["roles"]) == (
        "key.make",
        "root",
        "done",
        about,
        ["operator", "auditor"],
    )
    assert (second["what"], second["outcome"], second["about"]) == ("key.revoke", "done", about)
    assert [one["outcome"] for one in rest] == ["refused"] * 5
    assert made.key.log_index == 0


def test_long_words_are_cut_in_entries(admitting) -> None:
    """What somebody wrote instead of a number does not fill the log."""
    with pytest.raises(InputError):
        admitting.revoke("y" * 5000)
    assert admitting.entered()[0]["about"] == "y" * 100


def test_keys_are_listed_page_by_page(admitting) -> None:
    """Pages follow each other in the order in which keys were made."""
    numbers = [admitting.make(f"name-{one}").key.number for one in range(3)]
    assert [one.number for one in admitting.page(limit=2)] == numbers[:2]
    assert [one.number for one in admitting.page(after=int(numbers[1]), limit=2)] == numbers[2:]


def test_each_name_acts_so_often_a_minute(admitting) -> None:
    """After thirty acts a name waits; another name does not."""
    turns = [admitting.door.late("a") for _ in range(31)]
    assert turns[:30] == [0] * 30
    assert turns[30] > 0
    assert admitting.door.late("b") == 0
    admitting.later(seconds=turns[30])
    assert admitting.door.late("a") == 0
