"""Out (WHEP): the program picture and the sound of one channel."""

from aiohttp import web

from hemicycle.engine.control.admission import Admission, RequestRefused, answered, offer_in
from hemicycle.engine.control.passes import Pass
from hemicycle.engine.control.sessions import HearingPort, MediaSession
from hemicycle.engine.streams import FLOOR, Output


async def listen(request: web.Request, admission: Admission) -> web.Response:
    """`POST /media/whep/<hearing>?channel=fr`: an offer that receives, and its answer.

    A practice pass hears its own voice come back, and sees nothing.
    """
    pass_, hearing = await admission.admit(request, "listen", "practice")
    sound = _channel(pass_, hearing, request.query.get("channel", FLOOR))
    picture = hearing.picture(sound.name) if pass_.use == "listen" else None
    offer = await offer_in(request)
    session = MediaSession(pass_, "out", hearing, admission.registry)
    with admission.limits.answering(pass_):
        session.peer, answer = await admission.exchange.listener(
            offer, session.peer_changed, sound, picture
        )
        return await answered(session, answer, admission)


def _channel(pass_: Pass, hearing: HearingPort, channel: str) -> Output:
    if pass_.use == "practice":
        found = hearing.practice(pass_.seat)
        if found is None:
            raise RequestRefused(404, "no_practice")
        return found
    sound = hearing.outputs.get(channel)
    if sound is None or sound.kind != "sound":
        known = ", ".join(
            name for name, output in hearing.outputs.items() if output.kind == "sound"
        )
        detail = f"There is no channel “{channel[:40]}”. There are: {known}."
        raise RequestRefused(404, "no_channel", detail)
    return sound
