"""Sends by WHEP: the program picture and the sound of one channel."""

from aiohttp import web

from hemicycle.engine.control.admission import Admission, RequestRefused, answered, offer_in
from hemicycle.engine.control.sessions import MediaSession
from hemicycle.engine.edges.listener import EdgeListener
from hemicycle.engine.streams import FLOOR, PROGRAM, Output


async def listen(request: web.Request, admission: Admission) -> web.Response:
    """Handle `POST /media/whep/<hearing>?channel=fr`: answer an offer that receives.

    `feed=public` sends what the public gets, for a hall outside the room. With a practice pass a
    person hears their own voice, and sees nothing.
    """
    pass_, hearing = await admission.admit(request, "listen", "practice")
    session = MediaSession(pass_, "out", hearing, admission.registry)
    session.in_public = request.query.get("feed") == "public"
    sound = _channel(session, request.query.get("channel", FLOOR))
    picture = _picture(session, sound)
    offer = await offer_in(request)
    with admission.limits.answering(pass_):
        session.peer, answer = await admission.exchange.listener(
            offer, session.peer_changed, sound, picture
        )
        return await answered(session, answer, admission)


def at_edge(request: web.Request, session: MediaSession) -> EdgeListener:
    """Let a session listen at the edge that its pass names: same channels and audiences."""
    if not session.pass_.edge:
        raise RequestRefused(401, "other_use", WWW_Authenticate="Bearer")
    session.in_public = request.query.get("feed") == "public"
    sound = _channel(session, request.query.get("channel", FLOOR))
    session.peer = made = EdgeListener(session.pass_.edge, sound)
    return made


def _picture(session: MediaSession, sound: Output) -> Output | None:
    if session.kind != "listen":
        return None
    if session.in_public:
        return session.outputs[PROGRAM]
    return session.hearing.picture(sound.name)


def _channel(session: MediaSession, channel: str) -> Output:
    if session.kind == "practice":
        found = session.hearing.practice(session.pass_.seat)
        if found is None:
            raise RequestRefused(404, "no_practice")
        return found
    sound = session.outputs.get(channel)
    if sound is None or sound.kind != "sound":
        known = ", ".join(
            name for name, output in session.outputs.items() if output.kind == "sound"
        )
        detail = f"There is no channel “{channel[:40]}”. There are: {known}."
        raise RequestRefused(404, "no_channel", detail)
    return sound
