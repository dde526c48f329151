"""What two signed documents say of a history, and whether they contradict each other.

A hearing's key signs receipts, the ends of published chains and of archives, and checkpoints, which
chains and archives contain too. If two of them cannot belong to one history, the holder of the key
has signed two: `hemicycle verify --fork A B` says so, and needs neither the hearing nor a witness.

Standard library and `cryptography` only.
"""

import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hemicycle.record import receipts, seals, signing
from hemicycle.record.chain import genesis, link
from hemicycle.record.log import carried, notes
from hemicycle.record.log.carried import RecordRoots
from hemicycle.record.log.notes import CheckpointText, SignedNote, VerifierKey
from hemicycle.record.signing import InvalidProof
from hemicycle.record.speech import gettext as _
from hemicycle.record.speech import noop
from hemicycle.record.verify import archives
from hemicycle.record.verify.chains import CHAIN
from hemicycle.record.verify.report import Failed, Unreadable, text_of
from hemicycle.record.witness.fork import HistoryFraud, NotComparable, fingerprint


@dataclass(slots=True)
class SignedStatement:
    """What one signed document says of a history.

    `logs` are the names of the log in it (the hearing's id, the origin of a checkpoint), `entries`
    the chain's hashes by the number of the entry, `roots` the tree's roots by its size, from signed
    checkpoints. `whole` says whether `entries` go from the first to the last.
    """

    name: str
    signer: str
    logs: set[str]
    entries: dict[int, str] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    whole: bool = False

    def computed(self, sizes: Iterable[int]) -> dict[int, bytes]:
        """Return the roots that the entries lead to, for those of `sizes` that they reach."""
        wanted = {size for size in sizes if self.whole and 0 < size <= len(self.entries)}
        roots = RecordRoots(wanted)
        for seq in range(1, max(wanted, default=0) + 1):
            roots.add(self.entries[seq])
        return {size: roots.at(size)[0] for size in wanted}


def read(path: Path, key: VerifierKey | None) -> SignedStatement:
    """Read a receipt, a published chain, an archive or a checkpoint, and check its signature.

    `key` is needed for a checkpoint, which does not contain its own. Raises `InvalidProof`, and
    `NotComparable` for anything else.
    """
    if path.is_dir() or zipfile.is_zipfile(path):
        return _archive(path)
    text = text_of(path)
    if not text.lstrip().startswith("{"):
        return _checkpoint(path.name, text, key)
    document = signing.parse(text)
    match document.get("format"):
        case receipts.RECEIPT | receipts.PROVED:
            return _receipt(path.name, text)
        case str(form) if form == CHAIN:
            return _chain(path.name, document)
    said = _("%(name)s is not a receipt, a published chain, an archive or a checkpoint.")
    raise NotComparable(said % {"name": path.name})


def _receipt(name: str, text: str) -> SignedStatement:
    checked = receipts.check(text, None)
    seq, hearing = checked.content.seq, checked.content.hearing
    entries = {seq: checked.hash}
    if seq > 1:
        entries[seq - 1] = json.loads(text)["previous"]
    said = SignedStatement(name, checked.signer, {hearing}, entries)
    if checked.proved is not None:
        checkpoint = checked.proved.checkpoint
        said.logs.add(checkpoint.origin)
        said.roots[checkpoint.size] = checkpoint.root
    return said


def _chain(name: str, document: dict[str, Any]) -> SignedStatement:
    try:
        seal = seals.check_chain_seal(json.dumps(document["seal"]))
        rows = document["entries"]
        if document["hearing"] != seal.end.hearing:
            raise _leads_elsewhere("chain", name)
    except (KeyError, TypeError) as error:
        raise _unreadable("chain", name) from error
    return _whole("chain", name, seal, rows, document.get("checkpoints"))


def _archive(path: Path) -> SignedStatement:
    """Read an archive (a folder or a zip); only its record counts, not its other files."""
    try:
        with archives.opened(path) as folder:
            seal = seals.check_archive_seal(text_of(folder / archives.SEAL))
            list_of = folder / carried.NAME
            found = carried.documents_of(text_of(list_of)) if list_of.is_file() else None
            rows = archives.rows_of(folder / archives.ENTRIES)
            return _whole("archive", path.name, seal, rows, found)
    except (Failed, FileNotFoundError, Unreadable) as error:
        raise _unreadable("archive", path.name) from error


def _whole(
    kind: str, name: str, seal: seals.Seal, rows: Iterable[Any], documents: Any
) -> SignedStatement:
    """Return the statement of a whole record, after checking that its digests lead to the seal."""
    hash, entries = genesis(seal.end.hearing), {}
    try:
        for seq, row in enumerate(rows, start=1):
            hash = link(hash, row["digest"])
            entries[seq] = hash
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(kind, name) from error
    if seal.end != seals.End(seal.end.hearing, len(entries), hash):
        raise _leads_elsewhere(kind, name)
    said = SignedStatement(name, seal.signer, {seal.end.hearing}, entries, whole=True)
    _add_checkpoints(said, documents)
    return said


def _add_checkpoints(said: SignedStatement, documents: Any) -> None:
    """Add the checkpoints in a document if they belong to the log that the entries lead to.

    One key signs the logs of several hearings, and anybody can put a checkpoint of another beside a
    chain. So a log counts only if one of its checkpoints has the root of these entries.
    """
    found = [claim.checkpoint for claim in _claims(documents) if claim.signer == said.signer]
    computed = said.computed(one.size for one in found)
    own = {one.origin for one in found if computed.get(one.size) == one.root}
    said.logs |= own
    said.roots |= {one.size: one.root for one in found if one.origin in own}


def _claims(documents: Any) -> list[carried.UnjudgedCheckpoint]:
    """Return the checkpoints in a document; if they cannot be read, the entries still count."""
    try:
        return carried.read(documents)
    except InvalidProof:
        return []


def _leads_elsewhere(kind: str, name: str) -> InvalidProof:
    if kind == "archive":
        return InvalidProof(noop("The archive in %(name)s does not lead to its seal."), name=name)
    return InvalidProof(noop("The chain in %(name)s does not lead to its seal."), name=name)


def _unreadable(kind: str, name: str) -> NotComparable:
    if kind == "archive":
        return NotComparable(_("%(name)s is not a readable archive.") % {"name": name})
    return NotComparable(_("%(name)s is not a readable published chain.") % {"name": name})


def _checkpoint(name: str, text: str, key: VerifierKey | None) -> SignedStatement:
    note = SignedNote.parse(text)
    checkpoint = CheckpointText.parse(note.text)
    if key is None:
        said = _("%(name)s is a checkpoint: give the log’s key with --key.")
        raise NotComparable(said % {"name": name})
    notes.check(note, key)
    roots = {checkpoint.size: checkpoint.root}
    return SignedStatement(name, fingerprint(key), {checkpoint.origin}, roots=roots)


def contradiction(said: SignedStatement) -> HistoryFraud | None:
    """Return how a document contradicts itself: a record that does not lead to its checkpoint."""
    computed = said.computed(said.roots)
    for size in sorted(computed):
        if computed[size] != said.roots[size]:
            says = _(
                "the first %(size)s entries in %(name)s do not lead to the root of the checkpoint "
                "that it contains"
            )
            return HistoryFraud(says % {"size": size, "name": said.name}, said.signer)
    return None


def compare(one: SignedStatement, other: SignedStatement) -> HistoryFraud | None:
    """Return how two documents of one signer contradict each other; None if they do not.

    Raises `NotComparable` if they have no entries in common, so that they prove nothing.
    """
    if one.signer != other.signer:
        raise NotComparable(_("They are signed with different keys, so they prove no fraud."))
    if not one.logs & other.logs:
        raise NotComparable(_("They belong to two different hearings."))
    common = sorted(one.entries.keys() & other.entries.keys())
    for seq in common:
        if one.entries[seq] != other.entries[seq]:
            says = _("entry %(seq)s is not the same in %(one)s and in %(other)s")
            names = {"seq": seq, "one": one.name, "other": other.name}
            return HistoryFraud(says % names, one.signer)
    sizes = one.roots.keys() | other.roots.keys()
    told = [said.roots | said.computed(sizes) for said in (one, other)]
    both = sorted(told[0].keys() & told[1].keys())
    for size in both:
        if told[0][size] != told[1][size]:
            says = _("the first %(size)s entries have different roots in %(one)s and %(other)s")
            names = {"size": size, "one": one.name, "other": other.name}
            return HistoryFraud(says % names, one.signer)
    if not common and not both:
        raise NotComparable(
            _(
                "They cover different entries, so they prove nothing. Compare each with the "
                "published chain (chain.json)."
            )
        )
    return contradiction(one) or contradiction(other)
