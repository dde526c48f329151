"""The audiences of a meeting's public view: the public, with the delay, and staff, live."""

from uuid import UUID

from hemicycle.hearing.people.access import sessions_in
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.public_delay import changes_in_s
from hemicycle.meeting.state.meeting_view import as_json, live_view, public_view
from hemicycle.record import feed

STAFF = (Role.MODERATOR, Role.SECRETARIAT, Role.TECHNICIAN, Role.INTERPRETER, Role.CAPTIONER)


def welcome_staff(hearing: UUID, holders: frozenset[str]) -> frozenset[str]:
    """Return the holders, by their sessions, who have a role at the hearing now."""
    by_id = {UUID(hex=holder): holder for holder in holders if _is_id(holder)}
    return frozenset(by_id[pk] for pk in sessions_in(hearing, by_id, STAFF))


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(digit in "0123456789abcdef" for digit in text)


feed.declare(feed.Audience("public", as_json(public_view), open_to_all=True, due=changes_in_s))
feed.declare(feed.Audience("live", as_json(live_view), welcome=welcome_staff))
