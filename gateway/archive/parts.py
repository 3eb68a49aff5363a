# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""One file of rows: Parquet with zstd (https://parquet.apache.org), values just as the database holds them.

Rows are digested in their order as MessagePack, so that the digest is that of the values and not of a file
format: it is computed from the database when a file is written, from the file when it is read back, and from
the database again before a row is dropped.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from gateway.archive.manifest import Part
from gateway.errors import ConfigError, VerificationError
from gateway.finding import finding

Values = tuple[Any, ...]
ROW_GROUP = 8192
_LEVEL = 3
_FALSE = 0.02  # of the files that a filter cannot rule out though they do not hold the value
_pack = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an archived table; `kind` is text, number, boolean or bytes.

    Of sought ones a Bloom filter is kept.
    """

    name: str
    kind: str
    sought: bool = False


def rows_digest(rows: Sequence[Values]) -> str:
    """Return the digest of rows in their order, in hexadecimal."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(_pack(row))
    return digest.hexdigest()


def write_part(path: Path, columns: Sequence[Column], rows: Sequence[Values]) -> None:
    """Write rows to a file.

    Raises:
        ConfigError: pyarrow is not installed.
    """
    pa, pq = _arrow()
    kinds = {"text": pa.string(), "number": pa.int64(), "boolean": pa.bool_(), "bytes": pa.binary()}
    turned = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    table = pa.table(
        {
            column.name: pa.array(values, kinds[column.kind])
            for column, values in zip(columns, turned, strict=True)
        }
    )
    sought = {one.name: {"ndv": len(rows), "fpp": _FALSE} for one in columns if one.sought and rows}
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=_LEVEL,
        row_group_size=ROW_GROUP,
        use_dictionary=[one.name for one in columns if one.kind == "text" and not one.sought],
        bloom_filter_options=sought or None,
    )


def read_part(path: Path, columns: Sequence[str]) -> list[Values]:
    """Return the rows of a file, in order.

    Raises:
        ConfigError: pyarrow is not installed.
        VerificationError: the file is not there, or is no Parquet with these columns.
    """
    pa, pq = _arrow()
    try:
        table = pq.read_table(path, partitioning=None)
        if tuple(table.column_names) != tuple(columns):
            raise _bad(path.name, "other columns")
        return list(zip(*(one.to_pylist() for one in table.columns), strict=True))
    except (OSError, pa.ArrowException) as error:
        raise _bad(path.name, type(error).__name__) from error


def check_part(folder: Path, part: Part, columns: Sequence[str]) -> list[Values]:
    """Return the rows of a file that is the one of the manifest, whole and unchanged.

    Raises:
        VerificationError: the file or its rows are not those that were signed.
    """
    path = folder / part.file
    try:
        found = file_digest(path)
    except OSError as error:
        raise _bad(part.file, type(error).__name__) from error
    if found != part.sha256:
        raise _bad(part.file, "another digest of the file")
    rows = read_part(path, columns)
    if len(rows) != part.rows or rows_digest(rows) != part.rows_digest:
        raise _bad(part.file, "other rows")
    return rows


def file_digest(path: Path) -> str:
    """Return the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bad(file: str, actual: str) -> VerificationError:
    return VerificationError(
        f"the archived file {file} is not the one that was signed",
        (finding("ARCHIVE-FILE", path=file, actual=actual),),
    )


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa  # noqa: PLC0415  # an optional extra
        import pyarrow.parquet as pq  # noqa: PLC0415  # the same
    except ModuleNotFoundError as error:
        raise ConfigError("the archive needs pyarrow: pip install 'ead-gateway[archive]'") from error
    return pa, pq
