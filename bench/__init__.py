# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Where every published figure is from; `python -m bench` prints them and writes `bench/out/bench.json`."""
