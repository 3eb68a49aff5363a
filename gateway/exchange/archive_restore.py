# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Put an archived day into an empty database, from its folder alone: after a loss, and as a drill.

The rules:

1. The newest manifest of the folder counts. Its seal is this gateway's, and it is of this version of the
   database. That it was entered in the log is checked apart (`archive_check`), where the log is at hand.
2. Every file has the digest and the rows of the manifest before any row of it is put anywhere.
3. The database holds nothing of the day. Each file is one transaction; after a crash, begin anew.
"""

from gateway.archive.folder import ArchiveFolder
from gateway.envelope import dsse
from gateway.envelope.trust import Keyring
from gateway.errors import InputError
from gateway.exchange.archive_check import read_manifest
from gateway.exchange.ports import Store, Transaction
from gateway.finding import finding


class Restorer:
    """The way from a folder into a database."""

    def __init__(self, organisation: str, *, keyring: Keyring, folder: ArchiveFolder, schema: str) -> None:
        """Take the doors; `schema` is the version of the database of this program."""
        self._organisation = organisation
        self._keyring = keyring
        self._folder = folder
        self._schema = schema

    async def restore(self, day: str, target: Store) -> dict[str, int]:
        """Put a day into a database; return how many rows of each table.

        Raises:
            VerificationError: manifest or files are not those that were signed.
            InputError: there is no such day, it is of another version, or the database holds something of it.
        """
        names = self._folder.manifests(day)
        if not names:
            raise InputError("no such day", (finding("ARCHIVE-DAY", actual=day),))
        envelope = dsse.from_json(self._folder.read_manifest(day, names[-1]))
        manifest = read_manifest(envelope, self._organisation, self._keyring)
        if (manifest.day, manifest.schema) != (day, self._schema):
            actual = f"{manifest.day} of version {manifest.schema}"
            raise InputError(
                "another day or version", (finding("ARCHIVE-DAY", expected=self._schema, actual=actual),)
            )
        bounds = await target.read(lambda tx: tx.day_named(day))

        def holds(tx: Transaction) -> bool:
            return any(tx.archive_page(table, bounds, -1, 1) for table in manifest.columns)

        if await target.read(holds):
            raise InputError("the database is not empty", (finding("ARCHIVE-NOT-EMPTY", path=day),))
        restored = dict.fromkeys(manifest.columns, 0)
        # What is pointed to comes before what points to it, which is the order of dropping turned round.
        order = list(reversed(manifest.columns))
        for part in sorted(manifest.parts, key=lambda one: order.index(one.table)):
            rows = self._folder.check(day, part, manifest.columns[part.table])
            await target.transact(lambda tx, table=part.table, some=rows: tx.put_archived(table, some))  # type: ignore[misc]  # defaults bind the loop's values
            restored[part.table] += len(rows)
        return restored
