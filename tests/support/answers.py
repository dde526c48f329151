"""The answers of an address by visitor, in the vocabulary of `tests/test_roles.py`."""

from tests.support.addresses import ROLES

type Answer = int | dict[str, int]


def to(answer: int, *roles: str) -> dict[str, int]:
    """`answer` to `roles`; the others are turned away, and ended sessions must sign in again."""
    outside = {"anonymous": 302, "dismissed": 302}
    return {**dict.fromkeys(ROLES, 403), **outside, **dict.fromkeys(roles, answer)}


def office(answer: int) -> Answer:
    """For the hearing's secretariat alone."""
    return to(answer, "secretariat")


def offices(answer: int) -> Answer:
    """For the secretariat of any hearing."""
    return to(answer, "secretariat", "stranger")


def staff(answer: int) -> Answer:
    """For the staff of this hearing."""
    return to(answer, "secretariat", "moderator", "interpreter", "technician")


def anybodys_staff(answer: int) -> Answer:
    """For the staff of any hearing."""
    people = ("secretariat", "moderator", "interpreter", "captioner", "technician")
    return to(answer, *people, "stranger", "not-accepted")


def chair(answer: int) -> Answer:
    """For roles that may press the console's keys."""
    return to(answer, "secretariat", "moderator")


def on_panels(answer: int) -> Answer:
    """For people who have or may have a seat on a panel."""
    return to(answer, "panellist", "moderator")


def booth(answer: int) -> Answer:
    """For roles that may read statements beforehand."""
    return to(answer, "secretariat", "moderator", "interpreter")


def captions(answer: int) -> Answer:
    """For roles that write captions."""
    return to(answer, "secretariat", "captioner")


def signed_in(answer: int) -> Answer:
    """For every signed-in person."""
    return to(answer, *(role for role in ROLES if role not in {"anonymous", "dismissed"}))
