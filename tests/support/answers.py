"""How an address answers, by who asks: the words in which `tests/test_roles.py` says it."""

from tests.support.addresses import ROLES

type Answer = int | dict[str, int]


def to(answer: int, *roles: str) -> dict[str, int]:
    """`answer` to `roles`; the others are turned away, whose session has ended to sign in anew."""
    outside = {"anonymous": 302, "dismissed": 302}
    return {**dict.fromkeys(ROLES, 403), **outside, **dict.fromkeys(roles, answer)}


def office(answer: int) -> Answer:
    """For the hearing's secretariat alone."""
    return to(answer, "secretariat")


def offices(answer: int) -> Answer:
    """For the secretariat of any hearing."""
    return to(answer, "secretariat", "stranger")


def staff(answer: int) -> Answer:
    """For those who run this hearing."""
    return to(answer, "secretariat", "moderator", "interpreter", "technician")


def anybodys_staff(answer: int) -> Answer:
    """For those who run a hearing, this one or another."""
    people = ("secretariat", "moderator", "interpreter", "captioner", "technician")
    return to(answer, *people, "stranger", "not-accepted")


def chair(answer: int) -> Answer:
    """For those who may press the console's keys."""
    return to(answer, "secretariat", "moderator")


def booth(answer: int) -> Answer:
    """For those who may read statements beforehand."""
    return to(answer, "secretariat", "moderator", "interpreter")


def captions(answer: int) -> Answer:
    """For those who write captions."""
    return to(answer, "secretariat", "captioner")


def signed_in(answer: int) -> Answer:
    """For whoever has signed in."""
    return to(answer, *(role for role in ROLES if role not in {"anonymous", "dismissed"}))
