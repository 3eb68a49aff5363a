# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""`gateway audit`: entries, proofs and bundles as files, and what else auditors ask of a node.

`export` reads this node's store; the others work offline. Exported entries are a text file of one hexadecimal
entry per line, from the first entry of the log on.
"""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import (
    audit_bundle,
    audit_checkpoints,
    audit_erase,
    audit_field,
    audit_fsck,
    audit_reconcile,
    audit_report,
)

app = typer.Typer(help="Prove entries of an audit log and check such proofs.", no_args_is_help=True)

app.command("bundle")(audit_bundle.bundle)
app.command("checkpoints")(audit_checkpoints.checkpoints)
app.command("erase")(audit_erase.erase)
app.command("erasures")(audit_erase.erasures)
app.command("reconcile")(audit_reconcile.reconcile)
app.command("report")(audit_report.report)
app.command("fsck")(audit_fsck.fsck)
app.command("open-field")(audit_field.open_field)
app.command("verify-field")(audit_field.verify_field)

KEY = Annotated[str, typer.Option("--key", help="Log key <name>+<hash>+<base64>, or a file that holds it.")]


@app.command()
def export(
    log: Annotated[str, typer.Argument(help="Name of the log: <organisation>/<partner>.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    config: Annotated[Path, typer.Option("--config", help="Configuration file.")] = Path("gateway.toml"),
) -> None:
    """Write entries.txt, checkpoint and key of a log: all that prove and verify need."""
    import asyncio

    from gateway.audit import NoteKey
    from gateway.config import load_config
    from gateway.envelope.identity import KeySet
    from gateway.errors import ConfigError

    node = load_config(config)
    entries, note = asyncio.run(_read_log(node.database.url, log))
    if not entries:
        raise ConfigError(f"this node has no log {log}, or it is empty")
    key = NoteKey.of(log, KeySet.load(Path(node.keys)).log_ed25519.public_key)
    out.mkdir(parents=True, exist_ok=True)
    (out / "entries.txt").write_text("".join(f"{one.hex()}\n" for one in entries), "ascii")
    (out / "checkpoint").write_bytes(note)
    (out / "key").write_text(f"{key.text}\n", "utf-8")
    typer.echo(f"{out}: {len(entries)} entries of {log}")


async def _read_log(url: str, log: str) -> tuple[list[bytes], bytes]:
    """Return the entries of a log and its last signed checkpoint, both of one moment."""
    from gateway.exchange.ports import Transaction
    from gateway.store import open_store

    def read(tx: Transaction) -> tuple[list[bytes], bytes]:
        state = tx.log_state(log)
        return [row.leaf for row in tx.log_entries(log, 0, state.size)], state.checkpoint

    store = open_store(url, create=False)
    try:
        return await store.read(read)
    finally:
        await store.close()


@app.command()
def prove(
    entries: Annotated[
        Path, typer.Argument(help="Exported entries of the log.", exists=True, dir_okay=False)
    ],
    index: Annotated[int, typer.Option("--index", min=0, help="Position of the entry, from 0.")],
    checkpoint: Annotated[
        Path,
        typer.Option("--checkpoint", help="Signed checkpoint to prove against.", exists=True, dir_okay=False),
    ],
    out: Annotated[Path, typer.Option("--out", help="Proof file to write.")],
) -> None:
    """Write the proof that an entry stands in the log; refuses entries that do not lead to the checkpoint."""
    from gateway.audit import append, inclusion, leaf_hash, root
    from gateway.audit.checkpoint import parse
    from gateway.audit.note import read_note
    from gateway.audit.proof import RootMismatch
    from gateway.audit.proof_file import ProofFile, write

    note = checkpoint.read_bytes()
    signed = parse(read_note(note).text)
    leaves = [leaf_hash(one) for one in _entries(entries)[: signed.size]]
    tree = append(0, (), leaves)
    if tree.size != signed.size or root(tree.frontier) != signed.root:
        raise RootMismatch(
            f"{tree.size} entries for a checkpoint of {signed.size}", signed.root, root(tree.frontier)
        )
    hashes = {(level, place): digest for level, place, digest in tree.hashes}
    path = inclusion(index, signed.size, lambda level, place: hashes[level, place])
    out.write_bytes(write(ProofFile(index, tuple(path), note)))
    typer.echo(f"{out}: entry {index} of {signed.size} in {signed.origin}")


def _entries(file: Path) -> list[bytes]:
    """Read exported entries."""
    from gateway.errors import ConfigError

    try:
        return [bytes.fromhex(line) for line in file.read_text("ascii").split()]
    except ValueError as error:
        raise ConfigError(f"{file.name} is not a list of hexadecimal entries") from error


@app.command()
def verify(
    proof: Annotated[
        Path, typer.Argument(help="Evidence bundle or proof file.", exists=True, dir_okay=False)
    ],
    entry: Annotated[
        str, typer.Option("--entry", help="Of a proof: the entry in hexadecimal, or a file that holds it.")
    ] = "",
    key: KEY = "",
    trust: Annotated[
        list[str] | None,
        typer.Option(
            "--trust",
            help="Of a bundle: authority (PEM or organisation=PEM), partner bundle, or a folder; repeatable.",
        ),
    ] = None,
    *,
    tsa: Annotated[
        list[Path] | None,
        typer.Option(
            "--tsa",
            help="Of a bundle: certificates of time-stamp authorities (PEM); repeatable.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check an evidence bundle or a proof offline; exit 1 if it does not hold, 2 if not checkable."""
    from gateway.audit import leaf_hash, read_key
    from gateway.audit.entry import parse
    from gateway.audit.proof_file import verify_proof_file
    from gateway.cli.printing import print_json
    from gateway.errors import ConfigError
    from gateway.evidence.bundle import is_bundle

    if is_bundle(proof.read_bytes()) or not (entry or key):
        audit_bundle.verify_file(proof.read_bytes(), trust or [], tsa or [], as_json=as_json)
        return
    if not entry or not key:
        raise ConfigError("a proof file is checked with --entry and --key")
    try:
        raw = bytes.fromhex(_argument(entry))
    except ValueError as error:
        raise ConfigError("the entry is not hexadecimal") from error
    read = parse(raw)
    log = read_key(_argument(key))
    found, checkpoint = verify_proof_file(proof.read_bytes(), leaf_hash(raw), log)
    result = {
        "good": True,
        "log": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "index": found.index,
        "event": read.event,
        "digest": read.digest.hex(),
        "batch_root": read.batch_root.hex(),
    }
    if as_json:
        print_json(result)
        return
    typer.echo(f"good: {read.event} is entry {found.index} of {checkpoint.size} in {checkpoint.origin}")
    typer.echo(f"root {checkpoint.root.hex()}")


def _argument(text: str) -> str:
    """Return an argument, or the text of the file that it names."""
    file = Path(text)
    return (file.read_text("utf-8") if len(text) < 1024 and file.is_file() else text).strip()  # noqa: PLR2004 - longest path
