"""The kinds of jobs. An app registers its own in its `receivers`."""

from collections.abc import Callable
from dataclasses import dataclass

from hemicycle.hearing.jobs.models import Job


class JobRefused(Exception):
    """Raised by a kind's `run` for a file that cannot be taken: a code, and a sentence about it.

    The sentence is in the language of whoever asked, which is active while a job runs.
    """

    def __init__(self, code: str, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    `run` does one. It ends it itself (`queue.finish`) in the transaction of what it changes, so
    that both are true or neither; a job that it leaves open is finished after it. `most_waiting` is
    how many may be unfinished at a time.
    """

    name: str
    run: Callable[[Job], None]
    most_waiting: int


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Let the worker do jobs of a kind."""
    _kinds[kind.name] = kind


def known() -> dict[str, JobKind]:
    """All kinds, by their names."""
    return _kinds
