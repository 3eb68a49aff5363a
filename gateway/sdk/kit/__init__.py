# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""The conformance kit: what every adapter must do, asked of one adapter and its samples.

A library for the tests of whoever writes an adapter; `gateway adapter check` prints the same report. What it
expects of a folder stands in `samples`, what it asks in `checks`.
"""

from gateway.sdk.kit.checks import check_adapter, folder_of, write_expected
from gateway.sdk.kit.report import Fault, Report, Speed
from gateway.sdk.kit.samples import Promises, Sample, load_promises, samples_in

__all__ = [
    "Fault",
    "Promises",
    "Report",
    "Sample",
    "Speed",
    "check_adapter",
    "folder_of",
    "load_promises",
    "samples_in",
    "write_expected",
]
