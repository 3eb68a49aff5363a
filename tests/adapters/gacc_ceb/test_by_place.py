# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.gacc_ceb.catalogue import MESSAGES, compiled
from gateway.mapping.positional import WORTH
from tests.adapters.gacc_ceb.any_document import groups

NAMES = sorted(name for name, one in MESSAGES.items() if not one.per_line)
ODD = st.sampled_from(
    ("", " ", "x", " 1 ", "-1", "0", "9" * 70, "2026-01-01", "样" * 300, "NO", "142", "\u00a0")
)


def _written(fields):
    """Return a group as a reader of text has it."""
    return tuple(fields), tuple(fields.values())


@st.composite
def documents(draw):
    """Draw a document of any message, often with a fault in it."""
    message = MESSAGES[draw(st.sampled_from(NAMES))]
    head = draw(groups(message, message.head))
    lines = (
        [draw(groups(message, message.lines)) for _ in range(draw(st.integers(0, 3)))]
        if message.lines
        else []
    )
    for place in draw(st.lists(st.integers(0, 99), max_size=2)):
        fields = [head, *lines][place % (len(lines) + 1)]
        name = draw(st.sampled_from([*sorted(fields), "unheardOf"]))
        if draw(st.booleans()):
            fields[name] = draw(ODD)
        else:
            fields.pop(name, None)
    return message, head, lines


@settings(max_examples=300, deadline=None)
@given(documents())
def test_places_and_names_give_the_same_item(document) -> None:
    """What is read by place is the item that is read by name, and nothing is to be said of it."""
    message, head, lines = document
    table = compiled(message.name)
    for _ in range(2 * WORTH):
        quick = table.read(_written(head), [_written(one) for one in lines])
    named = {message.head: [head], **({message.lines: lines} if lines else {})}
    item, found = table.decode(named)
    ordered = [
        table.shape(message.head, tuple(head)),
        *(table.shape(message.lines, tuple(one)) for one in lines),
    ]
    if not found and not any(ordered):
        assert quick == item
    else:
        assert quick is None
