"""Expected answers of an address to each visitor, such as those in `tests/test_roles.py`."""

from tests.support.addresses import ROLES

type Answer = int | dict[str, int]


def to(answer: int, *roles: str) -> dict[str, int]:
    """Return `answer` for `roles`, 302 for others who must sign in, and 403 for the rest."""
    outside = {"anonymous": 302, "dismissed": 302}
    return {**dict.fromkeys(ROLES, 403), **outside, **dict.fromkeys(roles, answer)}


def office(answer: int) -> Answer:
    """Give `answer` to the secretariat of this hearing only."""
    return to(answer, "secretariat")


def offices(answer: int) -> Answer:
    """Give `answer` to the secretariat of any hearing."""
    return to(answer, "secretariat", "stranger")


def staff(answer: int) -> Answer:
    """Give `answer` to the staff of this hearing, except captioners."""
    return to(answer, "secretariat", "moderator", "interpreter", "technician")


def anybodys_staff(answer: int) -> Answer:
    """Give `answer` to the staff of any hearing."""
    people = ("secretariat", "moderator", "interpreter", "captioner", "technician")
    return to(answer, *people, "stranger", "not-accepted")


def chair(answer: int) -> Answer:
    """Give `answer` to roles that may press the console's keys."""
    return to(answer, "secretariat", "moderator")


def on_panels(answer: int) -> Answer:
    """Give `answer` to people who have or may have a seat on a panel."""
    return to(answer, "panellist", "moderator")


def booth(answer: int) -> Answer:
    """Give `answer` to roles that may read statements before they are delivered."""
    return to(answer, "secretariat", "moderator", "interpreter")


def captions(answer: int) -> Answer:
    """Give `answer` to roles that write captions."""
    return to(answer, "secretariat", "captioner")


def signed_in(answer: int) -> Answer:
    """Give `answer` to everyone who has signed in."""
    return to(answer, *(role for role in ROLES if role not in {"anonymous", "dismissed"}))
