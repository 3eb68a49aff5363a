# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Pages of lists: a bounded number of rows, and the cursor that leads to the next ones."""

import re
from typing import Generic, TypeVar

import msgspec

from gateway.errors import InputError
from gateway.finding import finding

PAGE, LARGEST_PAGE = 100, 500
TOP = 2**62
_NUMBER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Rows of a list; `next` is the cursor of the next page, empty at the end.

    A page may hold fewer rows than asked for, even none, and still have a next one: the work for one page is
    bounded too.
    """

    rows: list[T]
    next: str = ""


class Cursor(msgspec.Struct, frozen=True):
    """A place in lists that stand one after the other: a name, and two numbers within its list."""

    name: str = ""
    first: int = 0
    second: int = 0

    def __str__(self) -> str:
        """Return it as text."""
        return f"{self.name}~{self.first}~{self.second}"


def read_cursor(text: str) -> Cursor | None:
    """Read a cursor; none of the first page.

    Raises:
        InputError: it is none.
    """
    if not text:
        return None
    name, *numbers = text.rsplit("~", 2)
    if len(numbers) != len(("first", "second")) or not all(_NUMBER.fullmatch(one) for one in numbers):
        raise InputError("no cursor", (finding("BOARD-CURSOR", path="after"),))
    first, second = (int(one) for one in numbers)
    if max(abs(first), abs(second)) > TOP:
        raise InputError("no cursor", (finding("BOARD-CURSOR", path="after"),))
    return Cursor(name, first, second)


def page_size(limit: int) -> int:
    """Return how many rows a page may have.

    Raises:
        InputError: none, or too many.
    """
    if not 1 <= limit <= LARGEST_PAGE:
        found = finding("BOARD-QUESTION", path="limit", expected=f"1 to {LARGEST_PAGE}", actual=str(limit))
        raise InputError("no size of a page", (found,))
    return limit
