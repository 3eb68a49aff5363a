# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The invented traffic of the demonstration."""

from gateway.demo.traffic import make_traffic


def test_no_two_messages_share_a_name():
    """Files of one name in the watched folder would replace each other before they are taken."""
    traffic = make_traffic(400, 1, "NL")
    names = [one.name for one in (*traffic.on_time, *traffic.late)]
    assert len(set(names)) == len(names)


def test_every_parcel_has_a_waybill_of_its_own():
    """The account goes by tracking numbers, so each stands once."""
    traffic = make_traffic(400, 1, "NL")
    assert len(traffic.parcels) == len(set(traffic.parcels)) == 400
