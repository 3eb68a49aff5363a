# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What the interface description says is so: schemathesis asks a running gateway that holds real records.

It makes questions that fit the description and such that do not, and holds status, media type, headers and
body of each answer against it. What the description cannot say stands in `schemathesis.toml`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.access import PUBLIC, permissions
from gateway.web.description import description
from tests.system.described_node import TOKEN, asked, described_node, with_examples

SETTINGS = Path(__file__).with_name("schemathesis.toml")
PHASES = "examples,coverage,fuzzing"
REFUSED = {
    "GET /v1/access/keys",  # keys are for administrators, and no token of a file is one's
    "POST /v1/access/keys",
    "POST /v1/access/keys/{number}/revocation",
    "POST /v1/access/links/use",  # a link that an administrator made
    "POST /v1/access/logins",  # needs an identity provider
    "POST /v1/access/logins/use",
    "POST /v1/access/sessions/end",  # says that there is nothing to say
    "POST /v1/webhook/{organisation}",  # takes the signature of a partner without a gateway
    "POST /v1/dead-letters/{id}/replay",  # a message that was refused is sent again by its sender alone
    "POST /v1/controls/{tracking}/decision",  # needs rules about the controls of partners
}


@pytest.fixture(name="seed")
def _seed(request):
    """Give the number that every draw comes from: one for all runs, unless another is asked for."""
    return int(request.config.getoption("--hypothesis-seed", None) or 1)


def hold_against(party, folder, seed, *options):
    """Let schemathesis ask everything; return the statuses of the answers by operation."""
    status, document = asked(party, "/openapi.json")
    assert (status, document) == (200, json.loads(description()))
    place, report = folder / "description.json", folder / "report.ndjson"
    place.write_text(json.dumps(with_examples(party, document)))
    print(f"schemathesis --seed {seed}")  # noqa: T201 - so that a red run can be repeated
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run", str(place)),
            *("--url", party.url, "--header", f"Authorization: Bearer {TOKEN}", "--seed", str(seed)),
            *("--no-color", "--generation-database", "none", "--workers", "2", "--request-timeout", "120"),
            *("--report-ndjson-path", str(report), *options),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    return report


def answered(report):
    """Return the statuses that each operation has answered, from the report of a run."""
    statuses = {}
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for one in recorder.get("interactions", {}).values():
                if one["request"]["method"] == recorder["label"].split()[0] and one["response"]:
                    statuses.setdefault(recorder["label"], set()).add(one["response"]["status_code"])
    return statuses


def check_reached(statuses):
    """Hold that every operation was asked, and that each that can succeed here has: its answer was judged."""
    document = json.loads(description())
    described = {f"{method.upper()} {path}" for path, one in document["paths"].items() for method in one}
    assert set(statuses) == described
    reached = {name for name, seen in statuses.items() if seen & {200, 201}}
    assert described - reached == REFUSED


def test_answers_are_as_described(tmp_path, seed) -> None:
    """Status, media type and body of the answers to good and bad questions are those of the description."""
    with described_node(tmp_path) as here:
        report = hold_against(here, tmp_path, seed, "--phases", "examples,fuzzing", "--max-examples", "2")
    check_reached(answered(report))


@pytest.mark.long
def test_answers_are_as_described_at_every_edge(tmp_path, databases, seed) -> None:
    """On either database the same holds with every boundary of every value, and with many more questions."""
    with described_node(tmp_path, databases("described")) as here:
        report = hold_against(here, tmp_path, seed, "--max-examples", "20", "--phases", PHASES)
    check_reached(answered(report))


def test_description_and_permissions_agree() -> None:
    """Every described operation has a permission; all but public ones ask for a token and say 401 and 403."""
    document = json.loads(description())
    table = permissions()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            needed = table.of_route(method.upper(), path)
            assert needed, path
            assert (operation.get("security") == []) == (needed == PUBLIC), path
            assert needed == PUBLIC or {"401", "403"} <= set(operation["responses"]), path
    described = {f"{method.upper()} {path}" for path, one in document["paths"].items() for method in one}
    unseen = {one for one in table.of_routes if one not in described}
    assert {one.split()[1].split("/")[1] for one in unseen} == {"console", "tlog"}
