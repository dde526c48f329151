"""The kinds of jobs. An app registers its own in its `receivers`."""

from collections.abc import Callable
from dataclasses import dataclass

from hemicycle.hearing.jobs.models import Job


class JobRefused(Exception):
    """Raised by a kind's `run` to refuse a file, with a code and a sentence about the reason.

    The sentence is in the language of the owner of the job, which is active while a job runs.
    """

    def __init__(self, code: str, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.field = field


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    `run` does one job. It ends the job itself (`queue.finish`) in the transaction of its changes,
    so that both are committed or neither; a job that it leaves open is finished afterwards.
    `most_waiting` is how many jobs of the kind may be unfinished at a time.

    A long job works in steps. Each step commits its changes and then calls `queue.advance`, which
    saves the progress, and ends the job if it was cancelled. The job may be killed between any two
    statements and is run again from the start, so it looks for what is left to do and never relies
    on `done`.
    """

    name: str
    run: Callable[[Job], None]
    most_waiting: int


_kinds: dict[str, JobKind] = {}


def register(kind: JobKind) -> None:
    """Register a kind of job with the worker."""
    _kinds[kind.name] = kind


def known() -> dict[str, JobKind]:
    """Return all kinds by their names."""
    return _kinds
