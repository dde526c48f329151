"""Unfinished forms, stored for some weeks; then they expire.

The browser in which a form is typed stores its draft under its own key, and opens it again with
that key. Any other browser needs a link, which goes only to the mailbox that the form names. That
link has another key, which the sender of the form never sees, so that nobody else can read what the
owner of the mailbox adds.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict

from hemicycle.before.registration import draft_letters
from hemicycle.before.registration.links import new_key
from hemicycle.before.registration.models import Draft, Registration
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.tracks import Track
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock

DAYS = 30
_MOST_CHARACTERS = 100_000
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_NOT_KEPT = {
    *("csrfmiddlewaretoken", "form_key", "draft_key", "drafted", "save_draft", "discard_draft")
}


def save(hearing: Hearing, track: str, data: QueryDict) -> str:
    """Store what was typed; return the draft's key, or "" for an invalid key or size."""
    key = data.get("draft_key", "")
    typed = _typed(data)
    characters = sum(len(value) for values in typed.values() for value in values)
    if not _KEY.fullmatch(key) or characters > _MOST_CHARACTERS:
        return ""
    _keep(key, hearing, track, typed)
    return key


@transaction.atomic
def mail(hearing: Hearing, track: Track, data: QueryDict, address: str) -> Message | None:
    """Store what was typed for the mailbox at `address`, and send it a separate link.

    Return None, and send no letter, if the form was opened by such a link: the mailbox has it.
    """
    known = Draft.objects.filter(key=hash_secret(data.get("draft_key", ""))).first()
    if known is not None and known.sent_to.casefold() == address.casefold():
        return None
    key = new_key()
    _keep(key, hearing, track.key, _typed(data), sent_to=address)
    return draft_letters.send_link(hearing, track, key, address, days=DAYS)


def _typed(data: QueryDict) -> dict[str, list[str]]:
    return {
        name: [_storable(value) for value in values]
        for name, values in data.lists()
        if name not in _NOT_KEPT and any(values)
    }


def _keep(key: str, hearing: Hearing, track: str, typed: dict[str, list[str]], **more: str) -> None:
    Draft.objects.update_or_create(
        key=hash_secret(key),
        defaults={
            "hearing": hearing,
            "track": track,
            "data": typed,
            "saved_at": clock.now(),
            **more,
        },
    )


def _storable(text: str) -> str:
    """Remove null characters, which PostgreSQL cannot store; the form reports them when sent."""
    return text.replace("\0", "")


def find(hearing: Hearing, track: str, key: str) -> Draft | None:
    """Return the draft behind a key, unless it has expired."""
    found = Draft.objects.filter(
        key=hash_secret(key), hearing=hearing, track=track, saved_at__gt=_oldest()
    )
    return found.first()


def newest(hearing: Hearing, track: str, keys: Iterable[str]) -> str:
    """Return which of a browser's keys opens the draft that was saved last; "" for none."""
    by_hash = {hash_secret(key): key for key in keys}
    if not by_hash:
        return ""
    rows = Draft.objects.filter(
        key__in=by_hash, hearing=hearing, track=track, saved_at__gt=_oldest()
    )
    last = rows.order_by("-saved_at").values_list("key", flat=True).first()
    return by_hash[last] if last else ""


def discard(hearing: Hearing, track: str, key: str) -> None:
    """Delete the draft behind a key."""
    Draft.objects.filter(key=hash_secret(key), hearing=hearing, track=track).delete()


def lapse() -> int:
    """Delete expired drafts; return their number.

    Drafts mailed to somebody who has sent and confirmed their form since are deleted too.
    """
    confirmed = Registration.objects.filter(
        hearing=OuterRef("hearing"),
        track=OuterRef("track"),
        person__email__iexact=OuterRef("sent_to"),
        confirmed_at__gt=OuterRef("saved_at"),
    )
    is_over = Q(saved_at__lte=_oldest()) | (~Q(sent_to="") & Exists(confirmed))
    return Draft.objects.filter(is_over).delete()[0]


def _oldest() -> datetime:
    return clock.now() - timedelta(days=DAYS)
