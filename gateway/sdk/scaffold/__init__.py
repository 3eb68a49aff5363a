# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Make the folder of a new adapter: a distribution of its own that passes the conformance kit at once."""

import importlib
import keyword
import re
import sys
from pathlib import Path

from gateway.errors import ConfigError
from gateway.sdk.kit import write_expected

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TEMPLATES = Path(__file__).parent
_AT_TOP = ("pyproject.toml.in", "README.md.in")
_SUFFIX = ".in"


def make_adapter(name: str, folder: Path) -> list[Path]:
    """Write a new adapter into a folder; return the files.

    Raises:
        ConfigError: the name is not one, or something is there already.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(f"{name} is no adapter name; write small letters and digits, like nl_douane")
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{folder} is not empty; choose another folder")
    package = f"ead_{name}"
    words = {
        "@NAME@": name,
        "@DIST@": package.replace("_", "-"),
        "@PACKAGE@": package,
        "@CLASS@": "".join(part.capitalize() for part in name.split("_")),
        "@RULE@": name.upper().replace("_", "-"),
    }
    made = []
    for template in sorted(_TEMPLATES.rglob(f"*{_SUFFIX}")):
        inside = template.relative_to(_TEMPLATES)
        within = template.name in _AT_TOP or inside.parts[0] == "tests"
        target = (folder if within else folder / package) / inside.with_name(template.name[: -len(_SUFFIX)])
        target.parent.mkdir(parents=True, exist_ok=True)
        text = template.read_text("utf-8")
        for mark, word in words.items():
            text = text.replace(mark, word)
        target.write_text(text, "utf-8")
        made.append(target)
    return [*made, *_expect(folder / package)]


def _expect(package: Path) -> list[Path]:
    """Write what the good samples of a new package give, by reading them with it."""
    before = {name for name in sys.modules if name.partition(".")[0] == package.name}
    if before:
        raise ConfigError(f"a package {package.name} is loaded already; choose another name")
    sys.path.insert(0, str(package.parent))
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(package.name)
        return write_expected(module.adapter, package)
    finally:
        sys.path.remove(str(package.parent))
        for name in [one for one in sys.modules if one.partition(".")[0] == package.name]:
            del sys.modules[name]
