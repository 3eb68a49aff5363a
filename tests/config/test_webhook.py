# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of partners without a gateway: what keeps a node from starting."""

import pytest

from gateway.bootstrap import Trust
from gateway.bootstrap.webhooks import Webhooks
from gateway.config import load_config
from gateway.demo.stage import make_parties
from gateway.errors import ConfigError
from gateway.registry import load_adapters
from tests.webhook_stage import HERE, THERE, agreements

GOOD = {"url": "https://b.example/ead", "adapter": "ead_json", "message_type": "EAD"}
WRONG = {
    "unknown partner": ({"organisation": "customs-xx"}, "no bundle"),
    "adapter not enabled": ({"adapter": "uk_cds"}, "not enabled"),
    "no message type": ({"message_type": ""}, "writes no message type"),
    "unknown message type": ({"cancellation_type": "NOTHING"}, "writes no message type"),
    "slower than a receipt may be": ({"timeout_seconds": 30}, "receipt_timeout_seconds"),
    "plain http elsewhere": ({"url": "http://b.example/"}, "https"),
    "certificate without key": ({"client_certificate": "tls.pem"}, "needs its key"),
    "authorities that are not there": ({"authorities": "nothing.pem"}, "cannot be used"),
    "unknown setting": ({"adaptor": "x"}, "adaptor"),
}


def build(party, **settings):
    """Build the partners of a node whose configuration names one."""
    chosen = {"organisation": THERE, **GOOD, **settings}
    text = party.config.read_text() + "\n[[webhook]]\n"
    text += "".join(f"{name} = {value!r}\n" for name, value in chosen.items())
    place = party.config.with_name("more.toml")
    place.write_text(text.replace("'", '"'))
    config = load_config(place)
    adapters = load_adapters(("ead_json",))
    return Webhooks(config, Trust(config), None, workers=None, sealer=None, adapters=adapters)


@pytest.fixture(scope="module", name="parties")
def _parties(tmp_path_factory):
    """A gateway, and a partner whose bundle says that it takes no calls."""
    folder = tmp_path_factory.mktemp("webhooks")
    return make_parties(folder, agreements(), organisations=(HERE, THERE), collecting=(THERE,))


def test_good_settings_make_a_way(parties) -> None:
    """A partner with bundle, address, adapter and message type is taken."""
    assert set(build(parties[0]).peers) == {THERE}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_settings_are_refused(parties, wrong) -> None:
    """Each wrong setting is refused by name."""
    settings, says = WRONG[wrong]
    with pytest.raises(ConfigError, match=says):
        build(parties[0], **settings)


def test_partner_with_a_gateway_is_refused(tmp_path) -> None:
    """Who takes calls by gRPC gets no posts beside them."""
    here, _ = make_parties(tmp_path, agreements(), organisations=(HERE, THERE))
    with pytest.raises(ConfigError, match="--collect-only"):
        build(here)
