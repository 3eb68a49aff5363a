# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Requests are counted by the pattern of their path, never by the path."""

from prometheus_client.parser import text_string_to_metric_families

from gateway.metrics import BY_NAME

NUMBER = "LX000000009CN"


async def test_requests_are_counted_by_pattern(face):
    """A request counts under its route and status, and the number it asks for is in no figure."""
    for path in (f"/v1/items/{NUMBER}", "/v1/items/LX000000010CN", "/nowhere"):
        async with face.session.get(face.url(path)) as answer:
            await answer.read()
    async with face.session.get(face.url("/metrics")) as answer:
        text = await answer.text()
    found = {
        (one.labels["route"], one.labels["status"]): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == "gateway_http_requests_total"
    }
    assert found == {
        ("/v1/items/{tracking}", "200"): 1,
        ("/v1/items/{tracking}", "404"): 1,
        ("none", "404"): 1,
    }
    assert NUMBER not in text


async def test_every_family_is_declared(face):
    """What is shown is in the list of figures, or is of the process itself."""
    async with face.session.get(face.url("/metrics")) as answer:
        text = await answer.text()
    names = {one.name for one in text_string_to_metric_families(text)}
    declared = {name.removesuffix("_total") for name in BY_NAME}
    assert {one for one in names if not one.startswith("process_")} <= declared
