"""Keys for encoders: devices and programs that send a seat's picture and sound by WHIP.

A pass lasts a minute, too short to type it into a device. A key lasts a day and is valid only for
the seat for which it was made. With each connection it is exchanged for a pass, by the same rules
as a page's. A key that was made through a personal link ends with the link, and one that was made
after signing in ends with the session. The server does not store keys: they are signed.
"""

import time
from datetime import timedelta
from email.message import Message
from http import HTTPStatus
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

from django.conf import settings
from django.core import signing

from hemicycle.before.registration.models import Registration
from hemicycle.engine.control import passes as wire
from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.media_machines import routes
from hemicycle.meeting.room import passes, seats
from hemicycle.meeting.room.passes import PassHolder, PassRefused, PassRequest

LASTS = timedelta(days=1)
LARGEST_OFFER = 64 * 1024
"""The maximum size of an offer, in bytes."""
SDP = "application/sdp"
PATIENCE_S = 20.0
"""How long the engine may take to answer, in seconds: it collects addresses first."""
TRIES, AGAIN_S = 10, 0.3
"""How often an offer is sent to an engine that is being replaced, and the seconds between tries."""
TAKEN_OVER = ("Location", "ETag", "Link", "Content-Type", "Retry-After", "WWW-Authenticate")
_SALT = "hemicycle.room.encoder"


class EngineAnswer(NamedTuple):
    """The engine's answer to an offer (RFC 9725 §4.2)."""

    status: int
    headers: dict[str, str]
    body: bytes


def key_of(holder: PassHolder) -> str:
    """Return the key for a seat. Raises `PassRefused` for a person who may not speak there now."""
    passes.issue(holder, PassRequest("publish"))
    told = [holder.hearing.id.hex, holder.person.hex, holder.registration, holder.link]
    return signing.dumps([*told, holder.sign_in], salt=_SALT)


def offer(hearing: Hearing, key: str, sdp: bytes) -> EngineAnswer:
    """Forward an encoder's offer to the engine; return its answer.

    Raises `PassRefused`, and OSError if the engine does not answer.
    """
    for _ in range(TRIES):
        if not routes.of(hearing.id.hex).url:  # another machine is about to take the hearing
            time.sleep(AGAIN_S)
            continue
        answer = _asked(passes.issue(_holder(hearing, key), PassRequest("publish")), sdp)
        if answer.status != HTTPStatus.TEMPORARY_REDIRECT:
            return answer
        # Another process is taking over the engine's work: try again on a new connection.
        time.sleep(AGAIN_S)
    raise TimeoutError


def _asked(given: wire.Pass, sdp: bytes) -> EngineAnswer:
    asked = Request(  # noqa: S310 - the engine's own address
        f"{routes.of(given.hearing).url}/media/whip/{given.hearing}",
        data=sdp,
        headers={
            "Authorization": f"Bearer {wire.sign(given, settings.MEDIA_ENGINE.secret)}",
            "Content-Type": SDP,
        },
    )
    try:
        with urlopen(asked, timeout=PATIENCE_S) as answer:  # noqa: S310
            return _taken_over(answer.status, answer.headers, answer.read())
    except HTTPError as refused:
        return _taken_over(refused.code, refused.headers, refused.read())


def _taken_over(status: int, headers: Message, body: bytes) -> EngineAnswer:
    kept = {name: headers[name] for name in TAKEN_OVER if name in headers}
    return EngineAnswer(status, kept, body)


def _holder(hearing: Hearing, key: str) -> PassHolder:
    try:
        told = signing.loads(key, salt=_SALT, max_age=LASTS)
    except signing.BadSignature as error:
        raise PassRefused("encoder_key") from error
    made_for, person, registration, link, sign_in = map(str, told)
    if made_for != hearing.id.hex:
        raise PassRefused("encoder_key")
    if link:
        return _by_link(registration, link)
    if not sessions.alive([UUID(hex=sign_in)]).exists():
        raise PassRefused("encoder_key")
    found = Person.objects.get(pk=UUID(hex=person))
    return passes.by_name(seats.of_person(hearing, found), found, sign_in)


def _by_link(id: str, link: str) -> PassHolder:
    rows = Registration.objects.select_related("hearing", "person", "organization")
    registration = rows.filter(pk=UUID(hex=id), link_number=int(link)).first()
    if registration is None:
        raise PassRefused("encoder_key")
    return passes.of_link(seats.of_registration(registration), registration)
