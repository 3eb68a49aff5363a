# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Results as data, as JUnit XML for a build server, and as a page of one file for people."""

import html
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from gateway.conformance.case import Family, Outcome, Result

_STYLE = (
    "body{font:14px sans-serif;margin:2em;max-width:75em}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}"
    "th{background:#eee}.green{background:#dff0d8}.red,.broken{background:#f8d7da}code{font-size:13px}"
)
_COLUMNS = ("case", "what must hold", "where it is written", "sent", "must come", "came", "seconds")


def is_green(results: Sequence[Result]) -> bool:
    """Say whether every case is green."""
    return all(one.outcome is Outcome.GREEN for one in results)


def summary(results: Sequence[Result]) -> str:
    """Return the counts in one line."""
    green = sum(one.outcome is Outcome.GREEN for one in results)
    seconds = sum(one.seconds for one in results)
    return f"{len(results)} cases: {green} green, {len(results) - green} red, {seconds:.1f} seconds"


def as_data(results: Sequence[Result], target: str, endpoint: str, at: datetime) -> dict[str, Any]:
    """Return results as JSON holds them."""
    return {
        "target": target,
        "endpoint": endpoint,
        "at": at.isoformat(),
        "green": is_green(results),
        "cases": [
            {
                "id": one.case.id,
                "family": str(one.case.family),
                "sentence": one.case.sentence,
                "clause": one.case.clause,
                "sent": one.case.sends,
                "expected": one.case.expects,
                "outcome": str(one.outcome),
                "came": one.came,
                "seconds": round(one.seconds, 3),
            }
            for one in results
        ],
    }


def as_junit(results: Sequence[Result], target: str, at: datetime) -> bytes:
    """Return JUnit XML with a suite for each family."""
    root = ET.Element("testsuites", name="gateway conformance")
    for family in Family:
        chosen = [one for one in results if one.case.family is family]
        if not chosen:
            continue
        suite = ET.SubElement(
            root,
            "testsuite",
            name=family,
            hostname=target,
            timestamp=at.isoformat(timespec="seconds"),
            tests=str(len(chosen)),
            failures=str(sum(one.outcome is Outcome.RED for one in chosen)),
            errors=str(sum(one.outcome is Outcome.BROKEN for one in chosen)),
            time=f"{sum(one.seconds for one in chosen):.3f}",
        )
        for one in chosen:
            node = ET.SubElement(
                suite,
                "testcase",
                classname=f"conformance.{family}",
                name=one.case.id,
                time=f"{one.seconds:.3f}",
            )
            if one.outcome is not Outcome.GREEN:
                kind = "failure" if one.outcome is Outcome.RED else "error"
                fault = ET.SubElement(node, kind, message=_printable(f"came: {one.came}"))
                said = (f"sent: {one.case.sends}", f"expected: {one.case.expects}", f"came: {one.came}")
                fault.text = _printable("\n".join((one.case.sentence, *said)))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def as_page(results: Sequence[Result], target: str, endpoint: str, at: datetime) -> str:
    """Return a page that needs nothing from elsewhere."""
    head = "".join(f"<th>{one}</th>" for one in _COLUMNS)
    parts = []
    for family in Family:
        chosen = [one for one in results if one.case.family is family]
        if chosen:
            rows = "".join(_row(one) for one in chosen)
            parts.append(
                f"<h2>{family}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            )
    verdict = "green" if is_green(results) else "red"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        f"<title>Conformance of {html.escape(target)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>Conformance of {html.escape(target)}</h1>"
        f"<p>{html.escape(endpoint)}, {at.isoformat(timespec='seconds')}, contract customs.ead.v1</p>"
        f'<p class="{verdict}"><strong>{html.escape(summary(results))}</strong></p>{"".join(parts)}'
        "</body></html>\n"
    )


def _row(one: Result) -> str:
    """Return one line of the page."""
    cells = (
        one.case.sentence,
        one.case.clause,
        one.case.sends,
        one.case.expects,
        one.came,
        f"{one.seconds:.2f}",
    )
    said = "".join(f"<td>{html.escape(_printable(cell))}</td>" for cell in cells)
    return f'<tr class="{one.outcome}"><td><code>{html.escape(one.case.id)}</code></td>{said}</tr>'


def _printable(text: str) -> str:
    """Return text without what XML cannot hold: codes of a target may be anything."""
    return "".join(one if one.isprintable() or one == "\n" else "?" for one in text)
