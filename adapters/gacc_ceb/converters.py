# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The converters that CEB tables name: shared code lists, short ones from codes/small.toml, times."""

import functools
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from adapters.gacc_ceb.times import milliseconds, thousandth
from gateway.sdk import Converter, Plain, code_list_map, code_map, load_codelist

LISTS = ("ceb_country", "ceb_currency", "ceb_transport", "ceb_unit", "ceb_wrap")
LISTS_AS_OF = date(2022, 5, 17)


@functools.cache
def converters() -> Mapping[str, Converter]:
    """Return the converters of this adapter by name; shared lists stand as on the day of the 2022 edition."""
    rows = tomllib.loads((Path(__file__).parent / "codes" / "small.toml").read_text("utf-8"))
    found: dict[str, Converter] = {name: code_map(name, pairs) for name, pairs in rows.items()}
    found["ceb_time17"] = Plain("ceb_time17", datetime, thousandth, milliseconds)
    found |= {name: code_list_map(load_codelist(name, on=LISTS_AS_OF)) for name in LISTS}
    return found
