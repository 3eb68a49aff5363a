# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""What a table says, for people: the field documentation, and the rows behind one field."""

from gateway.mapping.table import Group, Row, Table

_COLUMNS = (
    *("Rule", "Field", "Obligation", "Limits", "Canonical path", "Converter", "Overflow", "Edition"),
    *("Source", "Note"),
)


def explain(table: Table, path: str) -> tuple[Row, ...]:
    """Return the rows that fill a canonical leaf path, or any leaf below it, in message order."""
    wanted = path.strip()
    return tuple(
        row
        for row in table.rules.values()
        if row.path and (row.path == wanted or row.path.startswith((wanted + ".", wanted + "[].")))
    )


def explain_outside(table: Table, outside: str) -> tuple[Row, ...]:
    """Return the rows that read an outside field, named alone or as `Group/field`, in message order."""
    return tuple(
        row
        for row in table.rules.values()
        if row.outside and outside in {row.outside, f"{row.group}/{row.outside}"}
    )


def document_table(table: Table) -> str:
    """Return the field documentation of a message as Markdown: every row, every column, every citation."""
    lines = [
        f"# {table.name}",
        "",
        f"Table version {table.version}, editions {', '.join(table.editions)}. Source: {table.source}.",
        f"It says what a {table.kind} says." if table.kind else "It is passed through.",
        "",
        f"Table digest: `{table.digest}`",
    ]
    for group in table.groups:
        lines += ["", f"## {group.name or 'Document'}", "", _heading(group), ""]
        lines += [_line(_COLUMNS), _line(("---",) * len(_COLUMNS))]
        lines += [_line(_cells(row)) for row in group.rows]
    return "\n".join(lines) + "\n"


def _heading(group: Group) -> str:
    place = f" Canonical place: `{group.target}`." if group.target else ""
    return f"Occurs {group.min} to {group.max} times.{place}"


def _cells(row: Row) -> tuple[str, ...]:
    editions = [f"only {row.edition}"] if row.edition else []
    for edition, changes in row.overrides.items():
        editions += [f"{edition}: {key} {_plain(value)}" for key, value in changes.items()]
    extra = "".join(
        (
            f"; unknown codes kept as `{row.unknown}:`" if row.unknown else "",
            "; empty text is a value" if row.keep_empty else "",
        )
    )
    return (
        row.rule,
        f"`{row.outside}`" if row.outside else "",
        "constant" if row.constant else "mandatory" if row.required else "optional",
        row.limits + extra,
        f"`{row.path}`" if row.path else "",
        "" if row.constant else row.converter,
        "" if row.constant else row.overflow,
        "; ".join(editions),
        row.cite,
        row.note,
    )


def _plain(value: object) -> str:
    return " to ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
