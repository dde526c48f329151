"""Codes for why the engine refuses a request, ends a session or reports trouble. Pure.

A refusal crosses the wire as a code with its values: `{"code": …, "values": {…}, "detail": …}`. The
page that shows it makes the sentence in the reader's language (`ui.media_messages`). `detail` is
English for logs and for authors of clients; nothing parses it or looks it up.
"""

from typing import Any, Final

REFUSALS: Final[dict[str, str]] = {
    # A pass, or a request to connect.
    "off_air": "The hearing is not on the air.",
    "ended": "The session has ended.",
    "other_hearing": "The pass is for another hearing.",
    "other_use": "The pass is for another use.",
    "expired": "The pass has expired.",
    "used": "The pass was used already.",
    "no_pass": "The bearer token is not a pass of this engine.",
    "poor_pass": "The pass lacks a field.",
    "no_practice": "Nobody practises at this seat.",
    "no_captions": "The hearing takes no captions.",
    "broke_off": "The request broke off.",
    "full": "As many people are connected as the engine may serve.",
    "too_many_offers": "More connections are asked for than can be made at once.",
    "no_codec": "The offer has no codec that the engine supports.",
    "bad_offer": "The offer cannot be answered.",
    "caption_refused": "A line of captions was refused.",
    # A control of a session.
    "not_listening": "The session does not listen.",
    "no_channel": "The hearing has no such channel.",
    "not_ahead": "Only the moderator and the technician hear the next speaker.",
    # A control of a booth.
    "not_for_booths": "The booths know no such control, or it lacks a value.",
    "no_booth": "The session belongs to no booth.",
    "no_language": "The hearing has no such language.",
    "microphone_taken": "The partner has the microphone.",
    "microphone_unconnected": "The interpreter's microphone is not connected.",
    "booth_silent": "Nobody has the microphone of the booth.",
    "no_partner": "No partner is connected.",
    "already_offered": "The partner has made an offer already.",
    "no_offer": "There is no offer.",
    "own_offer": "The offer is the interpreter's own.",
    "not_holder": "Somebody else has the microphone.",
    "partner_lost": "The partner has lost the connection.",
    "output_taken": "Another booth speaks into this language.",
    "own_voice": "The channel carries the booth's own voice.",
    "channel_silent": "Nobody interprets into this language.",
    "relay_circle": "The channel's booth works from this booth.",
    "no_recipient": "The message has no such recipient.",
    "no_text": "The message has no text.",
    "long_text": "The message is too long.",
    "too_often": "The seat has sent too many messages in a short time.",
    # A control of a technician.
    "not_here": "Nobody is connected there now.",
}
"""Refusals that a page may get; `ui.media_messages` has a sentence for each."""

MISUSE: Final[dict[str, str]] = {
    "not_found": "There is nothing at this address of the media engine.",
    "wrong_method": "This address does not take such a request.",
    "too_long": "The body is too long: at most {most_kb} kB are taken.",
    "pass_needed": "A pass is needed: send it as “Authorization: Bearer …”.",
    "not_sdp": "An offer is sent as application/sdp.",
    "bad_control": "A control is a JSON object that says what to do: {{“do”: …}}.",
    "service_only": "Only parts of the service itself may ask this.",
    "no_promise": "This machine may be given the hearings.",
    "bad_promise": "The request for a promise cannot be read.",
    "unknown_session": "There is no such session.",
    # The webcast.
    "no_such_part": "There is no such part of a webcast.",
    "not_begun": "The webcast is about to begin. Ask again in a moment.",
    "other_query": "A list takes _HLS_msn, _HLS_part and _HLS_skip in this order, a file nothing.",
    "too_far_ahead": "That segment lies too far ahead.",
    "not_in_time": "That segment has not come in time. Ask again.",
    "no_room": "The file cannot be made: the disk has no room for it.",
}
"""Refusals that only a faulty client, or a player that retries automatically, can get."""

ENDINGS: Final = frozenset(
    {"elsewhere", "removed", "unseated", "over", "lost", "left", "flooding", "refused"}
)
"""Why a session ended: the `reason` of its last event; "refused" is one that did not begin."""

NOTICES: Final[dict[str, str]] = {
    "limiter": "The limiter reduced channel {channel} by {db} dB.",
    "source": "A sound could not be read and is left out: {error}.",
    "late": "The server is overloaded: {s} s of sound were lost.",
    "flooding": "{name} sent too much data and was disconnected.",
    "too_large": "The picture of {name} is too large and is left out; the sound is taken.",
    "no_picture_codec": "{name} sends a picture with no codec of ours; the sound is taken.",
    "blocked": "The network of {name} blocks sound and picture.",
    "relay_refused": "A relay (TURN) refuses {name}, whose network lets nothing else through.",
    "video": "The recorded video of slot {slot} cannot be played: {reason}.",
    "video_fetch": "The recorded video of slot {slot} cannot be fetched from the site.",
    "push": "The push to {host} ({channel}) is broken: {reason}. {detail}",
    "edge": "The edge {host} does not take the program: {reason}. {detail}",
    "behind": "A newer version of Hemicycle has written entries that this engine cannot read.",
    "disk_full": "The disk or the quota for the webcast's segments is full.",
    "disk_trouble": "The webcast's segments cannot be written: {error}.",
    "store_away": "The object store of the webcast does not take it. See the engine's log.",
    "store_behind": "The object store of the webcast is minutes behind. See the engine's log.",
    "webcast_behind": "The webcast cannot keep up; what was left out is missing from it.",
    "webcast_failed": "The webcast has stopped because of an error, which is in the engine's log.",
}
"""Reports to the technician (event `notice`); the technician's page has a sentence for each."""

NETWORK_FAULTS: Final = frozenset({"blocked", "relay_refused"})
"""Notices that the page of a session reports, because the engine cannot see these faults."""


class Refusal(Exception):
    """A refusal by its code; `str()` is the English detail.

    `detail` replaces the table's text if the engine knows more; `values` are for the page's
    sentence.
    """

    def __init__(self, code: str, detail: str = "", **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(detail or detail_of(code, values))

    def data(self) -> dict[str, Any]:
        """Return the refusal in the form in which it is sent."""
        return {"code": self.code, "values": self.values, "detail": str(self)}


def detail_of(code: str, values: dict[str, Any]) -> str:
    """Return the English detail of a refusal's code."""
    return (REFUSALS.get(code) or MISUSE[code]).format(**values)
