"""Texts of the scripts that use microphones, cameras and connections (`ui/static/media/`).

They are separate from `js_messages`, since the public pages do not use them: a page that does
writes `{% media_words %}`.
"""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.ui.js_messages import Text


def messages() -> dict[str, Text]:
    """What those scripts say, in the language now active."""
    return {
        **_link(),
        **_admission(),
        **_booths(),
        **_channels(),
        **_microphone(),
        **_camera(),
        **_level(),
        **_check(),
    }


def _admission() -> dict[str, Text]:
    """Return why the engine refuses a connection, by the codes of `engine.refusals`."""
    return {
        "engine.off_air": _("This hearing is not on the air now."),
        "engine.ended": _("This session has ended. Connect again."),
        "engine.other_hearing": _("This pass is for another hearing. Open your own link again."),
        "engine.other_use": _("This pass is for something else. Reload the page to get a new one."),
        "engine.expired": _("This pass has expired. Reload the page to get a new one."),
        "engine.used": _("This pass was used already. Reload the page to get a new one."),
        "engine.no_pass": _("This is not a pass of this hearing. Open your own link again."),
        "engine.poor_pass": _("This pass lacks what it is for. Open your own link again."),
        "engine.no_practice": _("Nobody practises at this seat: open the microphone first."),
        "engine.no_captions": _("This hearing takes no captions now."),
        "engine.broke_off": _("This request broke off."),
        "engine.no_port": _(
            "Every line of the server is in use. Try again in a minute, or follow the webcast."
        ),
        "engine.too_many_offers": _(
            "Too many connections are being made just now. This page tries again in a moment."
        ),
        "engine.no_codec": _(
            "This browser cannot send sound or picture in a form that the hearing takes. Use a "
            "current Chrome, Edge, Firefox or Safari."
        ),
        "engine.bad_offer": _(
            "This browser asks for sound and picture in a way that is not understood. Reload the "
            "page, or use a current Chrome, Edge, Firefox or Safari."
        ),
        "engine.caption_refused": _(
            "This line of captions was not taken. Make it shorter, or send it in several lines."
        ),
        "engine.not_listening": _("This connection does not listen. Open the program first."),
        "engine.no_channel": _("This hearing has no such channel. Choose another language."),
        "engine.not_ahead": _("Only the moderator and the technician hear who comes next."),
    }


def _booths() -> dict[str, Text]:
    """Return why a booth refuses a control, by the codes of `engine.refusals`."""
    return {
        "engine.not_for_booths": _("The booths cannot do this. Reload the page."),
        "engine.no_booth": _("Only the interpreters of a booth can do this."),
        "engine.no_language": _("This hearing has no such language. Choose one of its booths."),
        "engine.microphone_taken": _("Your partner has the microphone; ask for it with Offer."),
        "engine.microphone_unconnected": _(
            "Your microphone is not connected. Allow it in the browser, then press again."
        ),
        "engine.booth_silent": _("Nobody has the microphone of this booth. Turn yours on."),
        "engine.no_partner": _("No partner is connected who could take the microphone."),
        "engine.already_offered": _(
            "Your partner has made an offer already. Accept it or decline it."
        ),
        "engine.no_offer": _("There is no offer any more. Ask your partner again."),
        "engine.own_offer": _("This is your own offer. Your partner accepts it."),
        "engine.not_holder": _("Only whoever has the microphone can do this."),
        "engine.partner_lost": _("Your partner has lost the connection. Keep the microphone."),
        "engine.output_taken": _(
            "Another booth speaks into this language now. Stay on your own, or choose another."
        ),
        "engine.own_voice": _("That is your own voice. Hear the floor, or another booth."),
        "engine.channel_silent": _(
            "Nobody interprets into this language now. Choose a booth that is live."
        ),
        "engine.relay_circle": _(
            "That booth works from yours, so you would hear yourselves. Hear the floor, or "
            "another booth."
        ),
        "engine.no_recipient": _("Choose a booth, the technician or the moderator to write to."),
        "engine.no_text": _("Write something first."),
        "engine.long_text": _("This message is too long. Send it in parts."),
    }


def _link() -> dict[str, Text]:
    return {
        "media.idle": _("not connected"),
        "media.connecting": _("connecting"),
        "media.up": _("connected"),
        "media.lost": _("The connection dropped. It is being restored; you need do nothing."),
        "media.closed": _("closed"),
        "media.elsewhere": _("Your seat is open in another window."),
        "media.removed": _(
            "You were removed from this meeting. Ask the secretariat to be readmitted."
        ),
        "media.unseated": _(
            "This seat has changed hands: a reader has it, or it was taken back. Reload this page."
        ),
        "media.over": _("The meeting is closed."),
        "media.unreachable": _(
            "The sound and picture server does not answer. This page keeps trying by itself."
        ),
        "media.not_up": _("The connection is not there yet. Wait a moment and press again."),
        "media.left": _("This connection was closed."),
        "media.flooding": _(
            "This device sent far more than a microphone and a camera do, and was cut off."
        ),
        "media.too_large": _(
            "This picture is larger than 2560 by 1600. Share a window, or a smaller screen."
        ),
        "media.refused": _(
            "The sound and picture server refused this. Reload the page and try again."
        ),
        "media.blocked": _(
            "Your network lets no live sound through. Try another network, such as a telephone's, "
            "or ask your network's administrators to allow UDP. You can follow the webcast."
        ),
        "media.no_picture": _(
            "You hear everything, but this browser cannot show the picture here: its H.264 decoder "
            "is missing. The picture is on the hearing's live page."
        ),
        "media.start_sound": _("Start the sound"),
        "devices.insecure": _(
            "This page has no secure address, so the browser opens no microphone. Open the link "
            "that begins with https."
        ),
    }


def _channels() -> dict[str, Text]:
    return {
        "line.idle": _("not connected"),
        "line.ready": _("ready: connects at your turn"),
        "line.connecting": _("connecting"),
        "line.good": pgettext("a connection", "good"),
        "line.fair": pgettext("a connection", "fair"),
        "line.poor": pgettext("a connection", "poor"),
        "line.lost": _("connection lost"),
        "line.closed": pgettext("a connection", "closed"),
        "channel.floor": _("The interpreters of this language are silent: you hear the floor."),
        "channel.other": _("These interpreters are silent: you hear {language}."),
        "channel.relay": _("Interpreted from another interpretation (relay)."),
        "booth.on": pgettext("a booth", "interpreting"),
        "booth.silent": pgettext("a booth", "silent"),
        "booth.ending": pgettext("a booth", "still speaking"),
        "booth.lost": pgettext("a booth", "connection lost"),
        "booth.slow": _("please speak more slowly"),
        "booth.trouble": _("there is trouble in the booth"),
        "booth.still": _("Still interpreting: {languages}"),
        "seat.heard": pgettext("a microphone", "heard"),
        "seat.preview": pgettext("a microphone", "standing by"),
        "feed.delay": _("{s} s after the room"),
        "feed.not_recorded": _(
            "This did not reach the record. Look at the state beside it, and press again."
        ),
        "console.keys_work": _("All keys of this page work without it."),
        "share.none": _("Nothing was shared. Press again and choose a screen or a window."),
    }


def _microphone() -> dict[str, Text]:
    return {
        "devices.microphone_denied": _(
            "The browser was told not to use the microphone. Press the lock or the microphone in "
            "the address bar, allow the microphone for this site, and try again."
        ),
        "devices.microphone_none": _("No microphone was found. Plug one in and try again."),
        "devices.microphone_busy": _(
            "Another program uses the microphone. Close it there and try again."
        ),
        "devices.microphone_failed": _(
            "The microphone does not open. Plug it out and in, or choose another, and try again."
        ),
        "devices.microphone_unplugged": _(
            "Your microphone was unplugged. The computer's own one is used now."
        ),
        "devices.microphone_number": _("Microphone {n}"),
    }


def _camera() -> dict[str, Text]:
    return {
        "devices.camera_denied": _(
            "The browser was told not to use the camera. You are heard without it. To be seen, "
            "press the lock or the camera in the address bar, allow it, and try again."
        ),
        "devices.camera_none": _("No camera was found. You are heard without it."),
        "devices.camera_busy": _(
            "Another program uses the camera. You are heard without it. To be seen, close it there."
        ),
        "devices.camera_failed": _("The camera does not open. You are heard without it."),
        "devices.camera_unplugged": _("Your camera was unplugged. You are still heard."),
        "devices.camera_number": _("Camera {n}"),
    }


def _level() -> dict[str, Text]:
    return {
        "level.label": _("Level of the microphone"),
        "level.none": pgettext("level of a microphone", "nothing is heard"),
        "level.quiet": pgettext("level of a microphone", "too quiet"),
        "level.good": pgettext("level of a microphone", "good"),
        "level.loud": pgettext("level of a microphone", "too loud"),
    }


def _check() -> dict[str, Text]:
    return {
        "check.running": _("checking"),
        "check.passed": pgettext("a check", "good"),
        "check.warned": pgettext("a check", "look at this"),
        "check.failed": pgettext("a check", "does not work"),
        "check.opening": _("The browser asks for your microphone and camera: allow both."),
        "check.speak": _("Say a sentence or two, as loud as you will speak in the hearing."),
        "check.heard": _("You are heard well through “{label}”."),
        "check.quiet": _(
            "You are too quiet through “{label}”. Come closer, raise the microphone's level in "
            "your computer's settings, or choose another microphone."
        ),
        "check.loud": _("You are too loud: go a little further away from the microphone."),
        "check.wrong": _(
            "Nothing is heard through “{label}”. It may be the wrong microphone, or a switch on it "
            "is off. Choose another under “Devices and quality” and check again."
        ),
        "check.camera": _("Your picture is there."),
        "check.no_camera": _("You take part with your voice alone."),
        "check.connecting": _("Looking for a way to the hearing …"),
        "check.network": _("Sound and picture get through ({ms} ms there and back)."),
        "check.weak": _(
            "Your connection is weak. Use a cable, or come closer to the router, or choose “Sound "
            "only” under “Devices and quality”."
        ),
        "check.noted": _("Noted: the secretariat sees that your check has passed."),
        "check.not_noted": _(
            "The result did not reach the server. Check again when the connection is back."
        ),
    }
