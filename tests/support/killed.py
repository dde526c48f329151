"""Kills a process at one step of its work: a forked child that ends without cleaning up.

There is a step before and after each statement that changes the database, thus also between a
change and its commit, and wherever the work counts one. The child has its own connection to the
database. What it has not committed or written when it is killed is lost, as if the power of this
process alone failed.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from threading import Lock
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage
from django.db import connection

from hemicycle.site.files.folder import FolderStorage

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KILLED, BROKEN = 9, 1
LONGEST_S = 60
"""A child that still runs after so many seconds is ended, and the test fails."""


class Steps:
    """Counts the steps of a process, and kills it at step `last`; 0 means never."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._count = 0

    def __call__(self) -> None:
        """Count a step, and end the process if it is the last."""
        self._count += 1
        if self._count == self._last:
            os._exit(KILLED)

    def sql(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Execute a statement; if it changes something, take a step before and after it."""
        if sql.lstrip("(").startswith("SELECT"):
            return execute(sql, params, many, context)
        self()
        answer = execute(sql, params, many, context)
        self()
        return answer


class ParentFiles(Storage):
    """The files of a child whose site keeps them in an object store, accessed through its parent.

    The library of the store has threads, which a forked process does not inherit. There is a step
    before and after a file is stored.
    """

    def __init__(self, line: Connection, steps: Steps) -> None:
        self._line, self._steps, self._turn = line, steps, Lock()

    def _save(self, name: str, content: File[Any]) -> str:
        self._steps()
        name = self._asked("save", name, content.read())
        self._steps()
        return name

    def _open(self, name: str, _mode: str = "rb") -> File[bytes]:
        return ContentFile(self._asked("read", name), name)

    def exists(self, name: str) -> bool:
        """Return whether a file exists."""
        return bool(self._asked("exists", name))

    def delete(self, name: str) -> None:
        """Delete a file."""
        self._asked("delete", name)

    def _asked(self, act: str, *given: Any) -> Any:
        with self._turn:
            self._line.send((act, given))
            answer = self._line.recv()
        if isinstance(answer, OSError):
            raise answer
        return answer


def read(name: str) -> bytes:
    """Return a stored file."""
    with default_storage.open(name) as file:
        return bytes(file.read())


def answer_all(line: Connection) -> None:
    """Handle a child's requests for its files until the child has ended."""
    acts: dict[str, Callable[..., Any]] = {
        "save": lambda name, data: default_storage.save(name, ContentFile(data)),
        "read": read,
        "exists": default_storage.exists,
        "delete": default_storage.delete,
    }
    while True:
        try:
            act, given = line.recv()
        except EOFError:
            return
        try:
            line.send(acts[act](*given))
        except OSError as error:
            line.send(error)


@contextmanager
def files_of(line: Connection, steps: Steps) -> Iterator[None]:
    """Let this process, a child, keep its files where its parent keeps them."""
    if isinstance(default_storage, FolderStorage):
        yield
        return
    with patch.object(default_storage, "_wrapped", ParentFiles(line, steps)):
        yield


def is_killed_at[*A](step: int, work: Callable[[Steps, *A], None], *given: *A) -> bool:
    """Do `work` in a process that is killed at a step; return False if it has fewer steps."""
    connection.close()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()  # PostgreSQL: otherwise the child would share the pool's connections
    ours, its = Pipe()
    child = os.fork()
    if not child:
        ours.close()
        signal.alarm(LONGEST_S)
        try:
            steps = Steps(step)
            with connection.execute_wrapper(steps.sql), files_of(its, steps):
                work(steps, *given)
            os._exit(0)
        except BaseException:  # noqa: BLE001  the child must not go on with the test
            traceback.print_exc()
            os._exit(BROKEN)
    its.close()
    with ours:
        answer_all(ours)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}, "the work failed by itself"
    return code == KILLED
