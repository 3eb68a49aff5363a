# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Options of the test run, and the seeds of the tests that kill processes."""

import random

import pytest


def pytest_addoption(parser):
    """Add the options of this suite."""
    group = parser.getgroup("gateway")
    group.addoption("--kill-runs", type=int, default=2, help="How often processes are killed (default 2).")
    group.addoption("--kill-seed", type=int, default=None, help="Seed of the first of these runs.")
    group.addoption("--long", action="store_true", help="Run the tests marked long too.")


def pytest_configure(config):
    """Choose the first seed, once, so that the header can name it."""
    if config.getoption("--kill-seed") is None:
        config.option.kill_seed = random.SystemRandom().randrange(1_000_000)


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
    """Skip the long tests unless they were asked for."""
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="runs with --long"))
