# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Take values out of a TOML table one by one, and find every fault instead of the first."""

import difflib
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.finding import Finding, finding


class TableReader:
    """One table of an agreement file; what was never taken is unknown.

    All readers of one file share the list of findings. Each method returns a harmless value where the file
    has none or a wrong one, so that reading can go on.
    """

    def __init__(self, table: dict[str, Any], findings: list[Finding], where: str = "") -> None:
        """Read `table`, which stands at the path `where`."""
        self.findings = findings
        self.where = where
        self._table = table
        self._known: set[str] = set()

    def fault(self, code: str, key: str, *, expected: str = "", actual: str = "") -> None:
        """Add a finding about a key of this table."""
        self.findings.append(finding(code, path=self.where + key, expected=expected, actual=actual))

    def text(self, key: str, *, default: str | None = None, one_of: tuple[str, ...] = ()) -> str:
        """Take a text; empty is no text. With `one_of`, the text must be in it."""
        value = self._take(key, default)
        if value is None:
            return ""
        if not isinstance(value, str) or (not value.strip() and default is None):
            self.fault("AGREEMENT-VALUE", key, expected="a text", actual=repr(value))
            return ""
        if one_of and value not in one_of:
            self.fault("AGREEMENT-VALUE", key, expected=" | ".join(one_of), actual=value)
        return value

    def integer(self, key: str, low: int, high: int, *, default: int | None = None) -> int:
        """Take a whole number within limits."""
        value = self._take(key, default)
        if value is None:
            return low
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.fault("AGREEMENT-VALUE", key, expected=f"{low} to {high}", actual=repr(value))
            return low
        return value

    def number(self, key: str) -> Decimal | None:
        """Take an optional exact number, written as text or whole number."""
        value = self._take(key, "")
        if value == "":
            return None
        try:
            if isinstance(value, bool) or not isinstance(value, int | str):
                raise InvalidOperation  # noqa: TRY301 - one way out for all faults
            number = Decimal(value)
            if not number.is_finite():
                raise InvalidOperation  # noqa: TRY301 - one way out for all faults
        except InvalidOperation:
            self.fault("AGREEMENT-VALUE", key, expected='a number in quotes: "150.00"', actual=repr(value))
            return None
        return number

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Take a list of texts without repetition."""
        value = self._take(key, None if required else [])
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.fault("AGREEMENT-VALUE", key, expected="a list of texts", actual=repr(value))
            return ()
        if len(set(value)) != len(value) or (required and not value):
            self.fault(
                "AGREEMENT-VALUE", key, expected="each text once, and at least one", actual=repr(value)
            )
        return tuple(value)

    def moment(self, key: str) -> datetime:
        """Take a date (its first moment in UTC) or a time with offset."""
        value = self._take(key, None)
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(UTC)
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time(), UTC)
        if value is not None:
            self.fault("AGREEMENT-VALUE", key, expected="a date, or a time with offset", actual=repr(value))
        return datetime.min.replace(tzinfo=UTC)

    def table(self, key: str) -> "TableReader":
        """Take a table; an absent one reads as empty."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            self.fault("AGREEMENT-VALUE", key, expected="a table", actual=repr(value))
            value = {}
        return TableReader(value, self.findings, f"{self.where}{key}.")

    def tables(self, key: str, *, required: bool = False) -> list["TableReader"]:
        """Take a list of tables."""
        value = self._take(key, None if required else [])
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.fault("AGREEMENT-VALUE", key, expected="a list of tables", actual=repr(value))
            return []
        return [
            TableReader(one, self.findings, f"{self.where}{key}[{index}].") for index, one in enumerate(value)
        ]

    def close(self) -> None:
        """Report every key that nobody asked for, with the nearest known one."""
        for key in self._table:
            if key not in self._known:
                near = difflib.get_close_matches(key, sorted(self._known), 1, 0)
                self.fault("AGREEMENT-UNKNOWN-KEY", key, expected=f"perhaps {near[0]}" if near else "")

    def _take(self, key: str, default: Any) -> Any:
        """Return a value, the default, or `None` with a finding if there is neither."""
        self._known.add(key)
        if key in self._table:
            return self._table[key]
        if default is None:
            self.fault("AGREEMENT-MISSING-KEY", key)
        return default
