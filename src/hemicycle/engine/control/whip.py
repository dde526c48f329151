"""Receives by WHIP (RFC 9725): a microphone and a camera, a shared screen, or a practice
microphone.
"""

from aiohttp import web

from hemicycle.engine.control.admission import Admission, answered, offer_in
from hemicycle.engine.control.sessions import MediaSession


async def publish(request: web.Request, admission: Admission) -> web.Response:
    """Handle `POST /media/whip/<hearing>`: answer an offer that sends."""
    pass_, hearing = await admission.admit(request, "publish", "screen", "practice")
    offer = await offer_in(request)
    session = MediaSession(pass_, "in", hearing, admission.registry)
    with admission.limits.answering(pass_):
        session.peer, answer = await admission.exchange.publisher(offer, session.peer_changed)
        session.protect(pass_.protection)  # before the answer: no media has arrived yet
        return await answered(session, answer, admission)
