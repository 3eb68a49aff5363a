# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Options of the test run, and the seeds of the tests that kill processes."""

import os
import random

import hypothesis
import pytest

from tests.postgres import VARIABLE, Server

# Parts of the suite that wait for processes more than they compute: a divided run begins with them.
WAITING = ("system", "docs", "bench", "cli", "sdk")


def pytest_addoption(parser):
    """Add the options of this suite."""
    group = parser.getgroup("gateway")
    group.addoption("--kill-runs", type=int, default=2, help="How often processes are killed (default 2).")
    group.addoption("--kill-seed", type=int, default=None, help="Seed of the first of these runs.")
    group.addoption("--long", action="store_true", help="Run the tests marked long too.")


def pytest_configure(config):
    """Quieten the clock of hypothesis, and choose the first seed once for the header and for every worker."""
    # How long an example takes says how busy the machine is, nothing about the code.
    quiet = [hypothesis.HealthCheck.too_slow]
    # A red run is about the change: every run draws the same examples, unless --hypothesis-seed is given.
    alike = config.getoption("--hypothesis-seed", None) is None
    hypothesis.settings.register_profile(
        "shared-machine", deadline=None, derandomize=alike, suppress_health_check=quiet
    )
    hypothesis.settings.load_profile("shared-machine")
    if hasattr(config, "workerinput"):
        config.option.kill_seed = config.workerinput["kill_seed"]
    elif config.getoption("--kill-seed") is None:
        config.option.kill_seed = random.SystemRandom().randrange(1_000_000)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Tell a worker of a divided run the seed that the header names."""
    node.workerinput["kill_seed"] = node.config.getoption("--kill-seed")


def pytest_report_header(config):
    """Say how the killing can be repeated."""
    seed, runs = config.getoption("--kill-seed"), config.getoption("--kill-runs")
    return f"kill runs: --kill-runs={runs} --kill-seed={seed}"


def pytest_generate_tests(metafunc):
    """Make every kill run a test case that its seed names."""
    if "kill_seed" in metafunc.fixturenames:
        first, runs = metafunc.config.getoption("--kill-seed"), metafunc.config.getoption("--kill-runs")
        metafunc.parametrize("kill_seed", range(first, first + runs), ids=lambda seed: f"seed-{seed}")


def pytest_collection_modifyitems(config, items):
    """Begin with what waits for processes, and skip the long tests unless they were asked for."""
    items.sort(key=lambda item: item.path.parent.name not in WAITING)
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="runs with --long"))


@pytest.fixture(scope="session", name="postgres")
def _postgres():
    """Give the server of PostgreSQL, or skip."""
    server = Server(os.environ.get(VARIABLE, ""))
    yield server
    server.close()


@pytest.fixture(name="postgres_url")
def _postgres_url(postgres):
    """Give the address of a new database on PostgreSQL that has all tables."""
    url = postgres.migrated()
    yield url
    postgres.give_back(url)


@pytest.fixture(name="databases", params=["sqlite", "postgresql"])
def _databases(request, tmp_path):
    """Give a maker of new databases by name, of either kind; on SQLite they do not exist yet."""
    if request.param == "sqlite":
        yield lambda name: f"sqlite:///{tmp_path / name}.sqlite"
        return
    server, made = request.getfixturevalue("postgres"), []

    def make(_name):
        made.append(server.migrated())
        return made[-1]

    yield make
    for url in made:
        server.give_back(url)
