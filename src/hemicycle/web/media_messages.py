"""The words of the scripts that open microphones, cameras and lines (`room/media/`).

They stand apart from `js_messages`, since the public pages have no use for them: a page that has
writes `{% media_words %}`.
"""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.web.js_messages import Text


def messages() -> dict[str, Text]:
    """What those scripts say, in the language now active."""
    return {**_link(), **_microphone(), **_camera(), **_level()}


def _link() -> dict[str, Text]:
    return {
        "media.idle": _("not connected"),
        "media.connecting": _("connecting"),
        "media.up": _("connected"),
        "media.lost": _("The connection dropped. It is being restored; you need do nothing."),
        "media.closed": _("closed"),
        "media.unreachable": _(
            "The sound and picture server does not answer. This page keeps trying by itself."
        ),
        "media.not_up": _("The connection is not there yet. Wait a moment and press again."),
        "media.no_codec": _(
            "This browser cannot send sound or picture in a form that the hearing takes. Use a "
            "current Chrome, Edge, Firefox or Safari."
        ),
        "media.blocked": _(
            "Your network lets no live sound through. Try another network, such as a telephone's, "
            "or ask your network's administrators to allow UDP. You can follow the webcast."
        ),
        "media.start_sound": _("Start the sound"),
        "devices.insecure": _(
            "This page has no secure address, so the browser opens no microphone. Open the link "
            "that begins with https."
        ),
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
