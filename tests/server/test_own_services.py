# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Which services are for whom."""

import pytest

from gateway.errors import PolicyRefusal
from gateway.server.identity import check_service


@pytest.mark.parametrize("service", ["Intake", "Enterprises", "Controls", "Statistics"])
def test_a_partner_may_not_use_our_own_services(service):
    """What serves our own side is refused to every partner, and open to us."""
    method = f"/customs.ead.v1.{service}/Any"
    check_service(method, "alpha", "alpha")
    with pytest.raises(PolicyRefusal):
        check_service(method, "beta", "alpha")


def test_peer_service_is_for_partners():
    """A partner may call Peer, our own side may not."""
    check_service("/customs.ead.v1.Peer/Any", "beta", "alpha")
    with pytest.raises(PolicyRefusal):
        check_service("/customs.ead.v1.Peer/Any", "alpha", "alpha")
