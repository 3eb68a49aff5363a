# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""From bytes to views, and back: JSON objects and XML elements are the same tree here.

A tree is made of dicts, lists and texts. Numbers and truth values of JSON become the text that was written,
so no decimal is lost; null, empty elements with `nil` and absent keys are the same.
"""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from gateway.sdk import Finding, Limits, finding, has_errors, xml

VIEWS, VIEW = "CDSViews", "CDSView"
Form = Literal["json", "xml"]
# Elements that hold a list, with the name of their members.
LISTS = {
    "ContentPieces": "ContentPiece",
    "Documents": "Document",
    "Taxes": "Tax",
    "Requests": "Request",
    "Screenings": "Screening",
    "Openings": "Opening",
}
# Elements whose inside is nobody's business here.
OPAQUE = frozenset({"ExtraFieldNames", "ExtraFieldValues", "XMLData"})
FRAME = ("MessageId", "Sender", "Profile")
MAX_VIEWS = 5000
_BOM = b"\xef\xbb\xbf"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


class _Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


_JSON = msgspec.json.Decoder(float_hook=_Number)


@dataclass(frozen=True, slots=True)
class RawView:
    """One view as it was written, with what its tree cannot hold."""

    tree: Any
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """A message as trees; without views if an error refuses the whole."""

    form: Form
    views: tuple[RawView, ...] = ()
    message_id: str = ""
    sender: str = ""
    profile: str = ""
    findings: tuple[Finding, ...] = ()


def read(raw: bytes, limits: Limits) -> Frame:
    """Read a message of either form; every fault of the frame is a finding."""
    form: Form = "xml" if raw.removeprefix(_BOM).lstrip().startswith(b"<") else "json"
    if form == "xml" or raw[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"):
        return _read_xml(raw, limits)
    if len(raw) > limits.max_bytes:
        return Frame(form, findings=(finding("CDS-SIZE", expected=f"at most {limits.max_bytes} bytes"),))
    try:
        top = _JSON.decode(raw.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Frame(form, findings=(finding("CDS-SYNTAX", expected="one JSON object in UTF-8"),))
    if not _within(top, limits):
        expected = f"at most {limits.max_elements} values, nested at most {limits.max_depth} deep"
        return Frame(form, findings=(finding("CDS-SIZE", expected=expected),))
    if isinstance(top, dict) and VIEWS not in top and "MailObject" in top:
        top = {VIEWS: [{key: one for key, one in top.items() if key not in FRAME}]} | {
            key: top[key] for key in FRAME if key in top
        }
    if not isinstance(top, dict) or VIEWS not in top:
        return Frame(form, findings=(finding("CDS-ROOT", expected=f"an object with {VIEWS} or MailObject"),))
    if isinstance(top[VIEWS], list):
        top[VIEWS] = [RawView(one) for one in top[VIEWS]]
    return _frame(form, top, [])


def _read_xml(raw: bytes, limits: Limits) -> Frame:
    parsed = xml.parse(raw, limits)
    found = list(parsed.findings)
    if parsed.root is None:
        return Frame("xml", findings=tuple(found))
    root = xml.local_name(parsed.root)
    if root not in (VIEWS, VIEW):
        found.append(finding("CDS-ROOT", expected=f"{VIEWS} or {VIEW}", actual=root))
        return Frame("xml", findings=tuple(found))
    if root == VIEW:
        return _frame("xml", {VIEWS: [_view(parsed.root)]}, found)
    top: dict[str, Any] = {VIEWS: []}
    for child in parsed.root:
        name = xml.local_name(child)
        if name == VIEW:
            top[VIEWS].append(_view(child))
        elif name in top:
            found.append(finding("SCHEMA-REPEATED", path=name, position=xml.position(child), expected="once"))
        else:
            top[name] = _element(child, name, found)
    return _frame("xml", top, found)


def _view(element: Any) -> RawView:
    found: list[Finding] = []
    tree = _element(element, "", found)
    return RawView(tree, tuple(found))


def _element(element: Any, path: str, found: list[Finding]) -> Any:
    """Return an element as a tree; what a tree cannot hold is said."""
    if element.get(_NIL) in ("true", "1"):
        return None
    unknown = [name for name in element.attrib if not name.startswith("{http://www.w3.org/2001/XMLSchema-")]
    found += [finding("SCHEMA-UNKNOWN-FIELD", path=f"{path}/@{name}".lstrip("/")) for name in unknown]
    name = xml.local_name(element)
    if name in OPAQUE:
        return "".join(element.itertext()) or None
    if name in LISTS:
        return [_member(child, path, LISTS[name], found) for child in element]
    if not len(element):
        return element.text
    if any(text and text.strip() for text in (element.text, *(child.tail for child in element))):
        found.append(
            finding("SCHEMA-FORMAT", path=path, position=xml.position(element), expected="elements only")
        )
    tree: dict[str, Any] = {}
    for child in element:
        inner = xml.local_name(child)
        if inner in tree:
            place = {"path": f"{path}/{inner}".lstrip("/"), "position": xml.position(child)}
            found.append(finding("SCHEMA-REPEATED", **place, expected="once"))
        else:
            tree[inner] = _element(child, f"{path}/{inner}".lstrip("/"), found)
    return tree


def _member(child: Any, path: str, name: str, found: list[Finding]) -> Any:
    """Return a member of a list; an empty one is an object that says nothing."""
    actual = xml.local_name(child)
    if actual != name:
        found.append(
            finding("CDS-FORM", path=f"{path}/{actual}", position=xml.position(child), expected=name)
        )
    return _element(child, f"{path}/{actual}", found) or {}


def _frame(form: Form, top: dict[str, Any], found: list[Finding]) -> Frame:
    """Judge the frame around the views."""
    known = (VIEWS, *FRAME)
    found += [finding("SCHEMA-UNKNOWN-FIELD", path=key) for key in top if key not in known]
    texts = {}
    for key in FRAME:
        value = top.get(key)
        if value is not None and not (isinstance(value, str) and 1 <= len(value.strip()) <= 70):  # noqa: PLR2004 - ours
            found.append(finding("CDS-FORM", path=key, expected="a text of 1 to 70 characters"))
        texts[key] = value.strip() if isinstance(value, str) else ""
    views = top[VIEWS]
    if not isinstance(views, list):
        found.append(finding("CDS-FORM", path=VIEWS, expected="a list"))
    elif not 1 <= len(views) <= MAX_VIEWS:
        found.append(
            finding("SCHEMA-COUNT", path=VIEWS, expected=f"1 to {MAX_VIEWS}", actual=str(len(views)))
        )
    return Frame(
        form,
        views=() if has_errors(found) else tuple(views),
        message_id=texts["MessageId"],
        sender=texts["Sender"],
        profile=texts["Profile"],
        findings=tuple(found),
    )


def text_of(value: Any) -> str | None:
    """Return a leaf as text, `None` for what is not a leaf."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _within(top: Any, limits: Limits) -> bool:
    """Say whether a JSON value keeps to the limits of depth and number."""
    count, level, inside = 1, 0, [top]
    while inside:
        level += 1
        if level > limits.max_depth or count > limits.max_elements:
            return False
        inside = [
            each
            for one in inside
            for each in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
        count += len(inside)
    return True


def write(form: Form, root: str, top: dict[str, Any]) -> tuple[bytes, tuple[Finding, ...]]:
    """Write a tree; the `msgspec.Raw` leaves of JSON are plain text in XML."""
    if form == "json":
        return msgspec.json.encode(top if root == VIEWS else {root: top}), ()
    written = xml.write(root, _content(top))
    return written.body, written.findings


def _content(value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode("ascii")
    if not isinstance(value, dict):
        return value
    pairs: list[tuple[str, Any]] = []
    for name, inner in value.items():
        if name == VIEWS:
            pairs += [(VIEW, _content(one)) for one in inner]
        elif isinstance(inner, list):
            pairs.append((name, [(LISTS.get(name, name.removesuffix("s")), _content(one)) for one in inner]))
        else:
            pairs.append((name, _content(inner)))
    return pairs
