"""Decide what a witness cosigns and what it refuses, without a network.

A checkpoint is cosigned when the log's key signed it, its log is known, and its tree continues the
last cosigned one. Everything else is refused with a reason. The refusal is `ForkFound` if it proves
by itself that one key signed two histories (`fork`); nobody without that key can produce such a
proof.

Standard library and `cryptography` only.
"""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hemicycle.record import speech
from hemicycle.record.log import merkle, notes
from hemicycle.record.log.notes import CheckpointText, InvalidNote, SignedNote, VerifierKey
from hemicycle.record.speech import noop as _
from hemicycle.record.witness import fork
from hemicycle.record.witness.state import LastSeen, WitnessFolder

TOLERANCE_S = 300
"""Seconds by which two clocks may differ; enough for clocks that are set by hand."""


class NotCosigned(Exception):
    """A checkpoint that is not cosigned.

    `reason` is one of: malformed, unknown-origin, unknown-key, shorter, proof, clock, restored,
    stopped, changed. `sentence` explains it to people; it is a gettext message, whose placeholders
    `values` fill. `str()` gives it in the language of the command; an answer to another machine is
    made outside `speaking`, so it is in English.
    """

    def __init__(self, reason: str, sentence: str, **values: object) -> None:
        super().__init__(sentence % values)
        self.reason = reason
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        return speech.gettext(self.sentence) % self.values


class ForkFound(NotCosigned):
    """A changed history. `evidence` is the file that proves it to anybody."""

    def __init__(self, sentence: str, evidence: Path, **values: object) -> None:
        super().__init__("changed", sentence, path=evidence, **values)
        self.evidence = evidence


@dataclass(frozen=True, slots=True)
class ClaimedCheckpoint:
    """A checkpoint that the key of a known log signed, not judged yet."""

    note: SignedNote
    checkpoint: CheckpointText
    key: VerifierKey


class Witness:
    """A witness of some logs, each known by its origin and the keys that may sign for it."""

    def __init__(
        self,
        folder: WitnessFolder,
        logs: Sequence[VerifierKey],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder, self._now = folder, now
        self._logs: Mapping[str, list[VerifierKey]] = {
            key.name: [own for own in logs if own.name == key.name] for key in logs
        }
        public = folder.key.public_key()
        self.key = VerifierKey.of(folder.state.name, public, notes.COSIGNATURE)

    def seen(self, origin: str) -> LastSeen | None:
        """Return the last cosigned checkpoint of a log."""
        return self.folder.state.logs.get(origin)

    def keys_of(self, origin: str) -> Sequence[VerifierKey]:
        """Return the keys that may sign for a log."""
        return tuple(self._logs[origin])

    def learn(self, key: VerifierKey) -> None:
        """Accept a new key for its log, after a known key has signed it on the log's own record."""
        self._logs[key.name].append(key)

    def read(self, text: str) -> ClaimedCheckpoint:
        """Read a checkpoint and check who signed it; raise `NotCosigned`."""
        try:
            note = SignedNote.parse(text)
            checkpoint = CheckpointText.parse(note.text)
        except InvalidNote as error:
            raise NotCosigned("malformed", "%(why)s", why=error) from error
        if checkpoint.origin not in self._logs:
            said = _("The log “%(origin)s” is not known here.")
            raise NotCosigned("unknown-origin", said, origin=checkpoint.origin)
        if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY:
            raise NotCosigned("malformed", _("An empty log has another root."))
        return ClaimedCheckpoint(note, checkpoint, self._signer(note, checkpoint.origin))

    def _signer(self, note: SignedNote, origin: str) -> VerifierKey:
        problem: InvalidNote | None = None
        for key in self._logs[origin]:
            try:
                notes.check(note, key)
            except InvalidNote as error:
                problem = error
            else:
                return key
        raise NotCosigned(
            "unknown-key",
            _(
                "A key that is not known signed for %(origin)s: %(why)s If the hearing renewed its "
                "key, compare the one on its page of the chain with a second source, and run this "
                "witness again with it too, after the others: --key '%(origin)s+…'"
            ),
            origin=origin,
            why=problem,
        )

    def check(self, claim: ClaimedCheckpoint, server_time: datetime | None = None) -> None:
        """Raise `NotCosigned` if this witness must not cosign anything of the log at all."""
        seen = self.seen(claim.checkpoint.origin)
        if seen is not None and seen.evidence:
            raise NotCosigned(
                "stopped",
                _(
                    "The history of %(origin)s was changed, and %(evidence)s shows it. Nothing "
                    "more of it is cosigned."
                ),
                origin=claim.checkpoint.origin,
                evidence=seen.evidence,
            )
        self._check_clock(seen, server_time)
        self._check_memory(claim, seen)

    def _check_clock(self, seen: LastSeen | None, server_time: datetime | None) -> None:
        now = self._now()
        if seen is not None and now < seen.at - TOLERANCE_S:
            said = _(
                "It is %(now)s by this clock, and the last cosignature is of %(last)s. Set the "
                "clock."
            )
            raise NotCosigned("clock", said, now=_told(now), last=_told(seen.at))
        if server_time is not None and abs(server_time.timestamp() - now) > TOLERANCE_S:
            there = _told(server_time.timestamp())
            said = _(
                "It is %(now)s by this clock and %(there)s by the hearing’s. One of them is wrong: "
                "nothing is cosigned."
            )
            raise NotCosigned("clock", said, now=_told(now), there=there)

    def _check_memory(self, claim: ClaimedCheckpoint, seen: LastSeen | None) -> None:
        """Raise `NotCosigned` if the log shows a cosignature of ours that we do not remember."""
        try:
            at = notes.check_cosignature(claim.note, self.key)
        except InvalidNote:
            return
        found = (claim.checkpoint.size, _spelled(claim.checkpoint.root))
        if (
            seen is None
            or at > seen.at
            or found[0] > seen.size
            or (found[0] == seen.size and found[1] != seen.root)
        ):
            raise NotCosigned(
                "restored",
                _(
                    "This witness cosigned entry %(size)s at %(at)s and does not remember it: its "
                    "state was restored from an old backup. Begin another in a new folder."
                ),
                size=found[0],
                at=_told(at),
            )

    def cosign(self, claim: ClaimedCheckpoint, proof: Sequence[bytes]) -> notes.NoteSignature:
        """Remember the checkpoint and cosign it; raise `NotCosigned` unless it continues the last.

        `proof` is the proof of consistency from the last cosigned tree; it is empty if there was
        none.
        """
        checkpoint, seen = claim.checkpoint, self.seen(claim.checkpoint.origin)
        if seen is not None:
            self.compare(claim, seen, proof)
        elif proof:
            raise NotCosigned(
                "proof",
                _(
                    "A proof of consistency was sent, but this witness has cosigned no earlier "
                    "checkpoint of this log."
                ),
            )
        at = max(int(self._now()), seen.at if seen else 0)
        root = _spelled(checkpoint.root)
        own = SignedNote(claim.note.text, tuple(self._of_the_log(claim)))
        self.folder.remember(
            checkpoint.origin, LastSeen(checkpoint.size, root, str(own), str(claim.key), at)
        )
        return notes.cosign(claim.note.text, self.folder.state.name, self.folder.key, at)

    def _of_the_log(self, claim: ClaimedCheckpoint) -> list[notes.NoteSignature]:
        own = (claim.key.name, claim.key.id)
        return [line for line in claim.note.signatures if (line.name, line.key_id) == own]

    def compare(self, claim: ClaimedCheckpoint, seen: LastSeen, proof: Sequence[bytes]) -> None:
        """Raise `NotCosigned` unless the checkpoint continues the last cosigned one."""
        new, old_root = claim.checkpoint, base64.b64decode(seen.root)
        if new.size < seen.size:
            raise NotCosigned(
                "shorter",
                _(
                    "The log ends at entry %(size)s now, and ended at %(before)s before. Entries "
                    "were taken away, or an old checkpoint is shown."
                ),
                size=new.size,
                before=seen.size,
            )
        try:
            merkle.check_consistency(seen.size, old_root, new.size, new.root, proof)
        except merkle.InvalidPath as error:
            other = fork.other_root(seen.size, old_root, new, proof)
            if other is None:
                raise NotCosigned(
                    "proof",
                    _(
                        "It is not proved that the log continues what was cosigned at entry "
                        "%(size)s: %(why)s."
                    ),
                    size=seen.size,
                    why=error,
                ) from error
            raise self.changed(claim, seen, other, proof) from error

    def changed(
        self, claim: ClaimedCheckpoint, seen: LastSeen, other: bytes, proof: Sequence[bytes]
    ) -> ForkFound:
        """Store the evidence of a changed history, and stop cosigning the log.

        `other` is the root that the first `seen.size` entries have in the new history.
        """
        origin, at = claim.checkpoint.origin, int(self._now())
        document: dict[str, Any] = fork.evidence(
            (seen.key, seen.note), (str(claim.key), str(claim.note)), other, proof
        )
        path = self.folder.keep_evidence(f"evidence-{at}-{claim.checkpoint.size}.json", document)
        self.folder.remember(origin, replace(seen, evidence=path.name))
        return ForkFound(
            _(
                "THE HISTORY OF %(origin)s WAS CHANGED. Its key signed two histories: one that "
                "ended at entry %(before)s, cosigned %(at)s, and one that ends at entry %(size)s "
                "and does not contain it. Both signed checkpoints are in %(path)s. Anyone can "
                "check them with: hemicycle verify --fork %(path)s"
            ),
            path,
            origin=origin,
            before=seen.size,
            at=_told(seen.at),
            size=claim.checkpoint.size,
        )


def _spelled(hash: bytes) -> str:
    return base64.b64encode(hash).decode()


def _told(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
