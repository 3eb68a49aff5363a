# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which adapters a node has: those that configuration names, once each."""

from importlib.metadata import EntryPoint, entry_points

import pytest

from gateway.errors import ConfigError
from gateway.registry import GROUP, installed, load_adapters, recognise
from gateway.sample import generate

CEB = "adapters.gacc_ceb:adapter"


def point(name, value=CEB):
    """Return an entry point as a distribution would declare it."""
    return EntryPoint(name, value, GROUP)


def test_installed_is_not_enabled() -> None:
    """Only the named adapters are loaded, in the order of their naming."""
    assert list(load_adapters(("supplement",))) == ["supplement"]
    assert list(load_adapters(("supplement", "gacc_ceb"))) == ["supplement", "gacc_ceb"]
    assert load_adapters(()) == {}


def test_both_adapters_are_declared() -> None:
    """The distribution declares its own adapters as any other would."""
    assert {one.name for one in entry_points(group=GROUP)} >= {"gacc_ceb", "supplement"}


@pytest.mark.parametrize(
    ("enabled", "installed", "text"),
    [
        (("upu",), [point("gacc_ceb")], "upu is not installed; installed are gacc_ceb"),
        (("upu",), [], "installed are none"),
        (("gacc_ceb", "gacc_ceb"), [point("gacc_ceb")], "gacc_ceb is enabled twice"),
        (
            ("gacc_ceb",),
            [point("gacc_ceb"), point("gacc_ceb", "adapters.supplement:adapter")],
            "gacc_ceb is offered twice",
        ),
        (("other",), [point("other")], "other calls itself gacc_ceb"),
    ],
)
def test_doubtful_names_refuse_to_start(enabled, installed, text) -> None:
    """An absent, doubled or mistaken name is an error of configuration, never a silent choice."""
    with pytest.raises(ConfigError, match=text):
        load_adapters(enabled, installed)


def test_same_offer_twice_is_one_offer() -> None:
    """A distribution that is found on two paths offers its adapter once."""
    assert list(load_adapters(("gacc_ceb",), [point("gacc_ceb"), point("gacc_ceb")])) == ["gacc_ceb"]


def test_messages_are_recognised_by_their_bytes() -> None:
    """Each generated message is recognised by its own adapter, and noise by none."""
    adapters = load_adapters(("gacc_ceb", "supplement"))
    for message in generate(1, 2):
        assert recognise(adapters, message.raw) == message.adapter
    assert recognise(adapters, b"\x00\x01") == ""
    assert recognise({}, b"<a/>") == ""


def test_a_broken_adapter_does_not_hide_the_others() -> None:
    """What cannot be loaded is listed with its problem, beside what can."""
    offers = [point("gacc_ceb"), point("gone", "no_such_package:adapter"), point("other")]
    found = {one.name: one for one in installed(offers)}
    assert list(found) == ["gacc_ceb", "gone", "other"]
    assert found["gacc_ceb"].adapter is not None
    assert "CEB603" in found["gacc_ceb"].message_types
    assert found["gone"].problem.startswith("broken: ModuleNotFoundError")
    assert "calls itself gacc_ceb" in found["other"].problem
