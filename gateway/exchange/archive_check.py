# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Check an archived day: who signed its manifest, where it stands in the log, and every file of it.

The rules:

1. The manifest in the folder is the one that was entered, byte for byte.
2. It is sealed by this gateway as its own policy asks, by keys that were good at the time that it names.
3. Its entry in the anchor log is made anew from its bytes, and is under the signed root of that log.
4. Every file has the digest of the manifest, and as many rows with the same digest.
"""

from collections.abc import Mapping
from functools import partial

from gateway.archive.folder import ArchiveFolder
from gateway.archive.manifest import MANIFEST_TYPE, Manifest, Part, parse_manifest
from gateway.archive.parts import Values
from gateway.audit import checkpoint, inclusion, leaf, tree, verify_inclusion
from gateway.audit.entry import Event, salted_digest
from gateway.clock import moment
from gateway.envelope import dsse, policy
from gateway.envelope.dsse import Envelope
from gateway.envelope.seal import unseal
from gateway.envelope.trust import Keyring
from gateway.errors import VerificationError
from gateway.exchange.archive_rows import ManifestRow
from gateway.exchange.journal import ANCHOR
from gateway.exchange.ports import Store, Transaction
from gateway.finding import finding
from gateway.wire.convert import unpack_envelope


class ArchiveCheck:
    """The checks of one gateway's archive."""

    def __init__(self, organisation: str, *, store: Store, keyring: Keyring, folder: ArchiveFolder) -> None:
        """Take the doors."""
        self._organisation = organisation
        self._store = store
        self._keyring = keyring
        self._folder = folder

    async def manifest(self, row: ManifestRow) -> Manifest:
        """Return the manifest of a revision, checked by rules 1 to 3.

        Raises:
            VerificationError: one of them is broken.
            CouldNotCheck: the key is not known any more.
        """
        name = manifest_name(row.revision)
        stored = unpack_envelope(row.envelope)
        if self._folder.read_manifest(row.day, name) != dsse.to_json(stored):
            raise _wrong(f"{row.day}/{name}", "not the manifest that was entered")
        manifest = read_manifest(stored, self._organisation, self._keyring)
        if (manifest.day, manifest.revision) != (row.day, row.revision):
            raise _wrong(f"{row.day}/{name}", "the manifest of another day or revision")
        await self._store.read(lambda tx: self._entered(tx, row, stored.statement))
        return manifest

    def file(self, manifest: Manifest, name: str) -> list[Values]:
        """Return the rows of a file, checked by rule 4.

        Raises:
            VerificationError: it is not the file that was signed.
        """
        part = files_of(manifest).get(name)
        if part is None:
            raise _wrong(f"{manifest.day}/{name}", "not in the manifest")
        return self._folder.check(manifest.day, part, manifest.columns[part.table])

    def _entered(self, tx: Transaction, row: ManifestRow, statement: bytes) -> None:
        """Check rule 3."""
        where, name = f"{row.day}/{manifest_name(row.revision)}", f"{self._organisation}/{ANCHOR}"
        entries = tx.log_entries(name, row.log_index, row.log_index + 1)
        state = tx.log_state(name)
        if not entries or entries[0].subject != f"archive:{row.id}":
            raise _wrong(where, "no entry of the anchor log")
        data = leaf(Event.ARCHIVE, salted_digest(entries[0].salt, statement))
        root = tree.root(state.frontier)
        if (
            data != entries[0].leaf
            or checkpoint.parse(state.checkpoint.partition(b"\n\n")[0] + b"\n").root != root
        ):
            raise _wrong(where, "another entry of the anchor log")
        path = inclusion(row.log_index, state.size, partial(tx.log_hash, name))
        verify_inclusion(tree.leaf_hash(data), row.log_index, state.size, path, root)


def read_manifest(envelope: Envelope, organisation: str, keyring: Keyring) -> Manifest:
    """Return a manifest that an organisation sealed.

    Raises:
        VerificationError: it did not, or it is no manifest.
        CouldNotCheck: its key is not known.
    """
    manifest = parse_manifest(envelope.statement)
    unseal(
        envelope,
        payload_type=MANIFEST_TYPE,
        keyring=keyring,
        owner=organisation,
        purpose="seal",
        policy=policy.get(manifest.signature_policy),
        at=moment(manifest.created_at_ms),
    )
    if manifest.organisation != organisation:
        raise _wrong(manifest.day, "the manifest of another organisation")
    return manifest


def files_of(manifest: Manifest) -> Mapping[str, Part]:
    """Return the files of a manifest by name."""
    return {one.file: one for one in manifest.parts}


def manifest_name(revision: int) -> str:
    """Return the name of the file of a manifest."""
    return f"manifest-{revision:04d}.json"


def _wrong(where: str, actual: str) -> VerificationError:
    return VerificationError(
        "the archive is not what was signed and logged",
        (finding("ARCHIVE-MANIFEST", path=where, actual=actual),),
    )
