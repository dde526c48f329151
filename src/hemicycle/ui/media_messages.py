"""Texts of the scripts that use microphones, cameras and connections (`ui/static/media/`).

They are separate from `js_messages`, since the public pages do not use them. A page that does
contains `{% media_words %}`.
"""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.ui.js_messages import Text


def messages() -> dict[str, Text]:
    """Return the texts of those scripts, in the active language."""
    return {
        **_link(),
        **_admission(),
        **_booths(),
        **_channels(),
        **_microphone(),
        **_troubles(),
        **_pictures(),
        **_camera(),
        **_level(),
        **_check(),
    }


def _admission() -> dict[str, Text]:
    """Return why the engine refuses a connection, by the codes of `engine.refusals`."""
    return {
        "engine.off_air": _("This hearing is not on air now."),
        "engine.ended": _("This session has ended. Connect again."),
        "engine.other_hearing": _(
            "Your access is for another hearing. Open your personal link again."
        ),
        "engine.other_use": _("Your access is for something else. Reload the page to renew it."),
        "engine.expired": _("Your access has expired. Reload the page to renew it."),
        "engine.used": _("Your access has already been used. Reload the page to renew it."),
        "engine.no_pass": _("Your access is not for this hearing. Open your personal link again."),
        "engine.poor_pass": _("Your access is incomplete. Open your personal link again."),
        "engine.no_practice": _("Open the microphone first to practise at this seat."),
        "engine.no_captions": _("This hearing is not taking captions now."),
        "engine.broke_off": _("The request was interrupted."),
        "engine.full": _("The server is full. Try again in a minute, or follow the webcast."),
        "engine.too_many_offers": _(
            "Too many people are connecting now. This page will try again in a moment."
        ),
        "engine.no_codec": _(
            "This browser cannot send sound or video in a supported format. Use a current "
            "version of Chrome, Edge, Firefox or Safari."
        ),
        "engine.bad_offer": _(
            "The server does not understand this browser’s request. Reload the page, or use a "
            "current version of Chrome, Edge, Firefox or Safari."
        ),
        "engine.caption_refused": _(
            "This caption line is too long. Shorten it, or send it in several lines."
        ),
        "engine.not_listening": _("This connection receives no sound. Open the program first."),
        "engine.no_channel": _("This hearing has no such channel. Choose another language."),
        "engine.not_ahead": _("Only the moderator and the technician can hear the next speaker."),
    }


def _booths() -> dict[str, Text]:
    """Return why a booth refuses a control, by the codes of `engine.refusals`."""
    return {
        "engine.not_for_booths": _("The booth did not understand this. Reload the page."),
        "engine.no_booth": _("Only the interpreters of a booth can do this."),
        "engine.no_language": _("This hearing has no such language. Choose one of its booths."),
        "engine.microphone_taken": _("Your partner has the microphone. Ask for it first."),
        "engine.microphone_unconnected": _(
            "Your microphone is not connected. Allow it in the browser, then press again."
        ),
        "engine.booth_silent": _("No one in this booth has the microphone. Turn yours on."),
        "engine.no_partner": _("No partner is connected to take the microphone."),
        "engine.already_offered": _(
            "Your partner has already made an offer. Accept or decline it."
        ),
        "engine.no_offer": _("The offer is no longer open. Ask your partner again."),
        "engine.own_offer": _("This is your own offer. Your partner has to accept it."),
        "engine.not_holder": _("Only the interpreter who has the microphone can do this."),
        "engine.partner_lost": _("Your partner has lost the connection. Keep the microphone."),
        "engine.output_taken": _(
            "Another booth is using this channel now. Stay on your own channel, or choose another."
        ),
        "engine.own_voice": _("That is your own voice. Choose the floor or another booth."),
        "engine.channel_silent": _(
            "No one is interpreting into this language now. Choose a booth that is live."
        ),
        "engine.relay_circle": _(
            "That booth interprets from yours, so you would hear yourselves. Choose the floor "
            "or another booth."
        ),
        "engine.no_recipient": _("Choose a booth, the technician or the moderator to write to."),
        "engine.no_text": _("Write something first."),
        "engine.long_text": _("This message is too long. Send it in parts."),
        "engine.too_often": _("You have sent many messages. Wait a moment, then write again."),
        "engine.not_here": _("Nobody is connected there now."),
    }


def _link() -> dict[str, Text]:
    return {
        "media.idle": _("not connected"),
        "media.connecting": _("connecting"),
        "media.up": _("connected"),
        "media.lost": _("The connection was lost. Reconnecting …"),
        "media.closed": pgettext("a connection", "closed"),
        "media.elsewhere": _("Your seat is open in another window."),
        "media.removed": _(
            "You have been removed from this meeting. Ask the secretariat to readmit you."
        ),
        "media.unseated": _(
            "This seat now belongs to someone else: a reader took it, or it was taken back. "
            "Reload this page."
        ),
        "media.over": _("The meeting is closed."),
        "media.unreachable": _("The media server is not responding. This page will keep trying."),
        "media.not_up": _("You are not connected yet. Wait a moment and try again."),
        "media.left": _("This connection has been closed."),
        "media.silenced": _("The technician has muted your microphone."),
        "media.flooding": _("This device sent too much data and was disconnected."),
        "media.refused": _("The media server refused the request. Reload the page and try again."),
        "media.blocked": _(
            "Your network blocks live sound. Try another network, such as a mobile hotspot, or "
            "send your IT department the network requirements. You can still follow the webcast."
        ),
        "media.relay_refused": _(
            "The relay server of this site refused the connection, and your network lets nothing "
            "else through. This is not your network’s fault: tell the technician or the "
            "secretariat. You can still follow the webcast."
        ),
        "media.sound_first": _(
            "Your connection is slow: the picture is left out so that the sound stays clear. "
            "It comes back by itself."
        ),
        "media.late": _(
            "The picture is late, because this device or its connection is slow. The clock in "
            "it is covered."
        ),
        "media.no_picture": _(
            "You have sound, but this browser cannot show the video here because it has no "
            "H.264 decoder. Watch the video on the hearing’s live page."
        ),
        "media.start_sound": _("Start the sound"),
        "devices.insecure": _(
            "This page is not secure, so the browser does not allow the microphone. Open the "
            "link that begins with https."
        ),
    }


def _channels() -> dict[str, Text]:
    return {
        "line.idle": _("not connected"),
        "line.ready": _("ready: connects when it is your turn"),
        "line.connecting": _("connecting"),
        "line.good": pgettext("a connection", "good"),
        "line.fair": pgettext("a connection", "fair"),
        "line.poor": pgettext("a connection", "poor"),
        "line.lost": _("connection lost"),
        "line.closed": pgettext("a connection", "closed"),
        "channel.floor": _("No interpretation into this language now. You are hearing the floor."),
        "channel.other": _("No interpretation now. You are hearing {language}."),
        "channel.relay": _("Interpreted from another interpretation (relay)."),
        "booth.on": pgettext("a booth", "interpreting"),
        "booth.silent": pgettext("a booth", "silent"),
        "booth.ending": pgettext("a booth", "still speaking"),
        "booth.lost": pgettext("a booth", "connection lost"),
        "booth.vanished": _(
            "the interpreter’s connection is lost; pause until their partner takes over"
        ),
        "booth.slow": _("please speak more slowly"),
        "booth.trouble": _("the booth reports a problem"),
        "booth.still": _("Still interpreting: {languages}"),
        "seat.heard": pgettext("a microphone", "heard"),
        "seat.preview": pgettext("a microphone", "standing by"),
        "feed.delay": _("{s} s after the room"),
        "feed.not_recorded": _(
            "Your action was not recorded. Check the current state and try again."
        ),
        "console.keys_work": _(
            "The keyboard shortcuts on this page work without sound and picture."
        ),
        "share.none": _("Nothing was shared. Try again and choose a screen or a window."),
        "share.too_large": _(
            "This picture is larger than 2560 by 1600. Share a window, or a smaller screen."
        ),
        "share.no_picture_codec": _(
            "This browser cannot send sound or video in a supported format. Use a current "
            "version of Chrome, Edge, Firefox or Safari."
        ),
    }


def _microphone() -> dict[str, Text]:
    return {
        "devices.microphone_denied": _(
            "The browser is blocking the microphone. Select the lock or the microphone in the "
            "address bar, allow the microphone for this site, and try again."
        ),
        "devices.microphone_none": _("No microphone was found. Plug one in and try again."),
        "devices.microphone_busy": _(
            "Another application is using the microphone. Close that application and try again."
        ),
        "devices.microphone_failed": _(
            "The microphone does not start. Unplug it and plug it in again, or choose another, "
            "then try again."
        ),
        "devices.microphone_unplugged": _(
            "Your microphone was unplugged. The computer’s built-in microphone is in use now."
        ),
        "devices.microphone_number": _("Microphone {n}"),
    }


def _troubles() -> dict[str, Text]:
    """Return the advice about a microphone, by the codes of `engine.audio.input_verdict`."""
    return {
        "microphone.far": _(
            "The microphone is too far away, or the room echoes. Move closer, or use a headset."
        ),
        "microphone.telephone": _(
            "The sound is like a telephone’s. Join in the browser with a wired headset."
        ),
        "microphone.bluetooth": _(
            "The sound is muffled, as with wireless headsets. Use a wired headset, or another "
            "microphone."
        ),
        "microphone.clipping": _(
            "The microphone is overdriven. Lower its level in the computer’s settings, or move "
            "away from it."
        ),
        "microphone.hum": _(
            "The microphone hums. Unplug the computer’s power supply, or use another cable or "
            "microphone."
        ),
        "microphone.echo": _(
            "The microphone hears a loudspeaker. Use headphones, or turn the loudspeaker down."
        ),
        "microphone.noise": _(
            "There is much noise. Close windows and doors, switch off fans, or use a headset."
        ),
    }


def _pictures() -> dict[str, Text]:
    """Return why a picture is left out, by the codes of `engine.rtc.publisher`."""
    return {
        "picture.no_picture_codec": _(
            "You are heard but not seen, because your picture is in a format that is not "
            "supported. In an encoder, choose H.264 with the Baseline profile. In a browser, use a "
            "current version of Chrome, Edge, Firefox or Safari. Then connect again."
        ),
        "picture.too_large": _(
            "You are heard but not seen, because your picture is larger than 2560 by 1600 or "
            "takes more than 12 Mbit/s. Choose a smaller picture, such as 1280 by 720, and connect "
            "again."
        ),
    }


def _camera() -> dict[str, Text]:
    return {
        "devices.camera_denied": _(
            "The browser is blocking the camera. People can hear you without it. To be seen, "
            "select the lock or the camera in the address bar, allow the camera, and try again."
        ),
        "devices.camera_none": _("No camera was found. People can hear you without it."),
        "devices.camera_busy": _(
            "Another application is using the camera. People can hear you without it. To be "
            "seen, close that application."
        ),
        "devices.camera_failed": _("The camera does not start. People can hear you without it."),
        "devices.camera_unplugged": _("Your camera was unplugged. People can still hear you."),
        "devices.camera_number": _("Camera {n}"),
    }


def _level() -> dict[str, Text]:
    return {
        "level.label": _("Microphone level"),
        "level.none": pgettext("level of a microphone", "no sound"),
        "level.quiet": pgettext("level of a microphone", "too quiet"),
        "level.good": pgettext("level of a microphone", "good"),
        "level.loud": pgettext("level of a microphone", "too loud"),
    }


def _check() -> dict[str, Text]:
    return {
        "check.running": _("checking"),
        "check.passed": pgettext("a check", "good"),
        "check.warned": pgettext("a check", "check this"),
        "check.failed": pgettext("a check", "does not work"),
        "check.opening": _("The browser asks for your microphone and camera. Allow both."),
        "check.speak": _("Say a sentence or two, as loudly as you will speak in the hearing."),
        "check.heard": _("“{label}” works well."),
        "check.quiet": _(
            "“{label}” is too quiet. Move closer, raise the microphone level in your "
            "computer’s settings, or choose another microphone."
        ),
        "check.loud": _("You are too loud. Move a little further away from the microphone."),
        "check.wrong": _(
            "“{label}” gives no sound. It may be the wrong microphone, or it may be switched "
            "off. Choose another under “Devices and quality” and check again."
        ),
        "check.echo": _(
            "The meeting comes back through “{label}”. Use headphones, or turn the loudspeaker "
            "down, and check again."
        ),
        "check.listen": _("You hear a soft noise now. It shows whether there is an echo."),
        "check.no_return": _("Your sound arrives, but nothing of the meeting reaches you."),
        "check.camera": _("Your camera works."),
        "check.no_camera": _("You are taking part by voice only."),
        "check.connecting": _("Connecting to the hearing …"),
        "check.network": _("Your connection works (round trip {ms} ms)."),
        "check.by_tcp": _(
            "Your connection works by TCP, because your network blocks UDP (round trip {ms} ms). "
            "Sound may break off when the network is busy. Send your IT department the network "
            "requirements."
        ),
        "check.by_relay": _(
            "Your connection works through a relay server, because your network blocks the direct "
            "way (round trip {ms} ms). Sound may break off when the network is busy. Send your IT "
            "department the network requirements."
        ),
        "check.weak": _(
            "Your connection is weak. Use a cable, move closer to the router, or choose “Sound "
            "only” under “Devices and quality”."
        ),
        "check.noted": _("The secretariat can see that you have passed the check."),
        "check.not_noted": _("We could not save the result. Check again when you are back online."),
    }
