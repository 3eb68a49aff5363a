# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""All attacks by name: the public functions of the modules beside this one that take nothing but a room."""

import inspect

from tests.audit.attacks import hybrids, notes, proofs, tiles, watching

ATTACKS = {
    name: attack
    for module in (proofs, notes, tiles, watching, hybrids)
    for name, attack in inspect.getmembers(module, inspect.isfunction)
    if attack.__module__ == module.__name__ and list(inspect.signature(attack).parameters) == ["room"]
    if not name.startswith("_")
}
