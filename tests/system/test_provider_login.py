# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""A person logs in to the console of a running gateway through a whole provider, in a real browser."""

import oidc_provider_mock
import pytest
from playwright.sync_api import expect

from gateway.demo.stage import make_parties, packaged_agreements, running, set_up
from tests.console.browsing import browser, needs_chromium, serious_faults

# The provider of the tests is written for an older Authlib.
pytestmark = [
    needs_chromium,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]


def test_a_person_of_the_directory_logs_in(tmp_path) -> None:
    """The browser comes back from the other site with a session that it sends at once, and logs out."""
    here, _ = make_parties(tmp_path, packaged_agreements())
    tokens = here.folder / "tokens"
    tokens.write_text(f"platform-a {'from-the-file'.ljust(20, '-')}\n")
    tokens.chmod(0o600)
    secret = here.folder / "oidc-secret"
    secret.write_text("told to nobody\n")
    secret.chmod(0o600)
    duty = oidc_provider_mock.User(sub="li.wei", claims={"groups": ["duty"]})
    other = oidc_provider_mock.User(sub="zhao", claims={"groups": ["post"]})
    with oidc_provider_mock.run_server_in_thread(user_claims=[duty, other]) as server:
        oidc = {
            "issuer": f"http://localhost:{server.server_port}",
            "client_id": "console",
            "client_secret_file": "oidc-secret",
            "console": here.url,
            "label": "Duty directory",
            "roles": {"operator": ["duty"]},
            "loopback": True,
        }
        set_up(here, {"http": {"token_file": "tokens", "oidc": oidc}})
        with running([here]), browser() as page:
            page.goto(f"{here.url}/console/board")
            page.get_by_role("link", name="Log in through Duty directory").click()
            page.get_by_role("button", name="zhao").click()
            expect(page.get_by_role("alert")).to_contain_text("gives you no role here")
            assert serious_faults(page) == []
            page.get_by_role("link", name="Log in through Duty directory").click()
            page.get_by_role("button", name="li.wei").click()
            page.wait_for_url(f"{here.url}/console/board")
            expect(page.get_by_role("button", name="Log out")).to_be_visible()
            expect(page.get_by_label("Key or token")).to_have_count(0)
            page.get_by_role("button", name="Log out").click()
            page.get_by_role("button", name="End session").click()
            page.wait_for_url(f"{here.url}/console/login")
            expect(page.get_by_label("Key or token")).to_be_visible()
