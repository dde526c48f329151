"""Kill a process at one step of its work: a forked child that ends without another word.

A step is a statement that changes the database, before it and after it (so also between a change
and its commit), and whatever else the work counts. The child has a connection of its own. What it
has not committed or written when it is killed is lost, as in a power cut of the process alone.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from hemicycle.site.files.folder import FolderStorage

KILLED, BROKEN = 9, 1
LONGEST_S = 60
"""A child that hangs is ended after so long, and the test fails."""


class Steps:
    """Counts the steps of a process, and kills it at number `last`; 0 kills it never."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._count = 0

    def __call__(self) -> None:
        """Take a step."""
        self._count += 1
        if self._count == self._last:
            os._exit(KILLED)

    def sql(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Execute a statement, with a step before and after one that changes something."""
        if sql.lstrip("(").startswith("SELECT"):
            return execute(sql, params, many, context)
        self()
        answer = execute(sql, params, many, context)
        self()
        return answer


def is_killed_at[*A](step: int, work: Callable[[Steps, *A], None], *given: *A) -> bool:
    """Do `work` in a process that is killed at a step; False where it has fewer steps.

    With files in an object store, the test is skipped.
    """
    if not isinstance(default_storage, FolderStorage):
        pytest.skip("the library of the store has threads, which a forked process does not get")
    connection.close()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()  # PostgreSQL: a connection kept for later would be the child's too
    child = os.fork()
    if not child:
        signal.alarm(LONGEST_S)
        try:
            steps = Steps(step)
            with connection.execute_wrapper(steps.sql):
                work(steps, *given)
            os._exit(0)
        except BaseException:  # noqa: BLE001  nothing of the test may go on in the child
            traceback.print_exc()
            os._exit(BROKEN)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}, "the work failed by itself"
    return code == KILLED
