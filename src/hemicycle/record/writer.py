"""The only writer of the record.

`writing` opens a transaction, locks the end of the hearing's chain, and yields a `Writer`. Rows
changed inside the block and the entries about them are committed together or not at all, so the
record and the rows always agree. Inside the block, a nested `writing` yields the same writer, so an
action can call other actions.
"""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from hemicycle.procedure.state import Floor
from hemicycle.record import clock, notify
from hemicycle.record.chain import Content, canonical, genesis, link
from hemicycle.record.compiled import CompiledQuery, CompiledUpdate, insert, together
from hemicycle.record.entry_registry import entry_type
from hemicycle.record.models import Entry, Head, Note


class RecordMissing(LookupError):
    """The hearing has no record: it was never convened here, or has been deleted."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of an entry: the id of a person, or a part of the system, and their role."""

    id: str
    role: str

    @classmethod
    def system(cls, part: str) -> "Actor":
        """Return the actor for a part of the software that acts by itself, such as the ticker."""
        return cls(id=f"system:{part}", role="system")


@dataclass(slots=True)
class Writer:
    """The right to append to one hearing's record until the block ends.

    `now` is the time of every entry of the transaction, never earlier than the last entry's time.
    `floors` are the meetings' floors as this transaction has left them, since its entries are not
    in the tables yet. `endings` are called once, in order, before the commit.
    """

    hearing: UUID
    actor: Actor
    head: Head
    now: int
    entries: list[Entry] = field(default_factory=list)
    floors: dict[UUID, Floor] = field(default_factory=dict)
    endings: dict[Callable[["Writer"], None], None] = field(default_factory=dict)
    statements: list[Callable[[], object]] = field(default_factory=list)

    def at_end(self, ending: Callable[["Writer"], None]) -> None:
        """Call `ending` once before the transaction is committed, when all its changes are made."""
        self.endings[ending] = None

    def run_endings(self) -> None:
        """Call the endings, and the endings that these register, once each."""
        called: set[Callable[[Writer], None]] = set()
        while waiting := [ending for ending in self.endings if ending not in called]:
            called.update(waiting)
            for ending in waiting:
                ending(self)

    def with_commit(self, statement: Callable[[], object]) -> None:
        """Run `statement` together with those that write the entries; its result is not needed."""
        self.statements.append(statement)

    def append(
        self,
        kind: str,
        body: dict[str, Any],
        *,
        meeting: str = "",
        actor: Actor | None = None,
    ) -> Entry:
        """Append one entry and return it with its final place (`seq`).

        Raises `UndeclaredEntryType` for a kind that no app declares, and `ValueError` if the fields
        of `body` are not the declared ones or canonical JSON cannot spell it.
        """
        declared = entry_type(kind)
        if declared.fields != body.keys():
            odd = ", ".join(sorted(declared.fields ^ body.keys()))
            raise ValueError(f"entry {kind!r} has fields missing or unknown: {odd}")
        # The actor may differ from the transaction's, for example if the clock acts while a command
        # of the moderator is handled.
        who = actor or self.actor
        content = Content(
            hearing=self.hearing.hex,
            seq=self.head.seq + 1,
            kind=kind,
            version=declared.version,
            at=self.now,
            actor=who.id,
            role=who.role,
            meeting=meeting,
            body=canonical(body).decode(),
        )
        return self._chain(content)

    def _chain(self, content: Content) -> Entry:
        digest = content.digest()
        # The head in memory is updated with each entry, so that the next one of this transaction
        # follows it. The row is updated once, with the commit.
        self.head.seq = content.seq
        self.head.hash = link(self.head.hash, digest)
        self.head.at = content.at
        entry = Entry(
            hearing=self.hearing,
            seq=content.seq,
            kind=content.kind,
            version=content.version,
            at=content.at,
            actor=content.actor,
            role=content.role,
            meeting=content.meeting,
            body=content.body,
            digest=digest,
            hash=self.head.hash,
        )
        self.entries.append(entry)
        return entry

    def note(self, text: str) -> str:
        """Keep words beside the record; return the key that binds them, or "" without words."""
        if not text.strip():
            return ""
        # A salt for each note: equal words get different keys, and a key that stays after an
        # erasure does not help to guess the words.
        salt = os.urandom(16)
        key = sha256(salt + text.encode()).hexdigest()
        Note.objects.create(key=key, hearing=self.hearing, salt=salt, text=text)
        return key


_locked_head = CompiledQuery(
    lambda hearing: Head.objects.select_for_update().filter(hearing=hearing), hearing=UUID
)
_move_head = CompiledUpdate(
    lambda hearing: Head.objects.filter(hearing=hearing),
    {"seq": int, "at": int, "hash": str},
    hearing=UUID,
)
# For each context, the writers whose transactions are open, so that a nested `writing` uses its
# own writer instead of waiting for itself.
_open: ContextVar[dict[UUID, Writer] | None] = ContextVar("open_writers", default=None)
# Reentrant, because `SharedTurn` queues a thread here before `do` calls `writing`, which queues it
# again.
_locks: dict[UUID, threading.RLock] = defaultdict(threading.RLock)


def _nothing() -> None:
    """Send no query."""


def begin(hearing: UUID) -> None:
    """Start the record of a hearing that has none yet."""
    Head.objects.get_or_create(hearing=hearing, defaults={"hash": genesis(hearing.hex)})


@contextmanager
def writing(
    hearing: UUID, *, actor: Actor, and_ask: Callable[[], None] = _nothing
) -> Iterator[Writer]:
    """Write to a hearing's record in a transaction: commit everything at the end, or nothing.

    Waits while another process or thread writes to the record. `and_ask` sends queries (`ask`) in
    the same round trip as the query for the lock: their answers are read under the lock, and need
    no round trip of their own while all other writers wait. Raises `RecordMissing` for a hearing
    without a record.
    """
    already = (_open.get() or {}).get(hearing)
    if already is not None:
        # The queries of the caller are still sent, since it will read their answers.
        and_ask()
        yield already
        return
    with queue(hearing), transaction.atomic():
        writer = Writer(hearing, actor, _lock(hearing, and_ask), 0)
        # A clock that steps back must not make an entry older than the one before it.
        writer.now = max(clock.now_ms(), writer.head.at)
        token = _open.set({**(_open.get() or {}), hearing: writer})
        try:
            yield writer
            writer.run_endings()
        finally:
            _open.reset(token)
        _commit(writer)


def queue(hearing: UUID) -> AbstractContextManager[Any]:
    """Queue this process's threads before they wait for the database's lock; `writing` does so.

    SQLite's own waiting is not fair. On PostgreSQL, threads that wait here instead of in the
    database leave the interpreter to the thread that holds the lock. Each thread takes its
    connection first: the thread with the lock must never wait for a connection that a thread behind
    it holds.

    Inside an open transaction this thread may hold the database's lock already, so queueing could
    deadlock; then it does not queue.
    """
    if connection.in_atomic_block:
        return nullcontext()
    with connection.cursor():
        return _locks[hearing]


def _lock(hearing: UUID, and_ask: Callable[[], None]) -> Head:
    with together():
        locked = _locked_head.ask(hearing=hearing)
        # The query for the lock and the caller's queries are sent together. PostgreSQL runs them in
        # that order, so the answers are from the moment after the lock was granted.
        and_ask()
        heads = locked()
    if not heads:
        raise RecordMissing(f"hearing {hearing} has no record")
    return heads[0]


def _commit(writer: Writer) -> None:
    if not writer.entries:
        assert not writer.statements, "statements come with an entry about them"
        return
    head = writer.head
    # In one round trip, right before the commit, so that all other writers wait only a short time.
    with together():
        for statement in writer.statements:
            statement()
        insert(*writer.entries)
        _move_head(hearing=head.hearing, seq=head.seq, at=head.at, hash=head.hash)
        notify.publish(writer.hearing, writer.head.seq)
