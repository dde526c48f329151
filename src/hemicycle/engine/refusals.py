"""PURE: why the engine refuses something or ends a session, by codes.

The engine's answers carry the code beside an English sentence: the sentence is for programs and
logs, the code lets a page say it in its reader's language. What only a program can mend (an offer
that is no offer) has the one code of its kind.
"""

from typing import Final

from hemicycle.procedure.refusals import gettext_noop

SENTENCES: Final[dict[str, str]] = {
    "off_air": gettext_noop("This hearing is not on the air now."),
    "ended": gettext_noop("This session has ended. Connect again."),
    "other_hearing": gettext_noop("This pass is for another hearing. Open your own link again."),
    "other_use": gettext_noop("This pass is for something else. Reload the page to get a new one."),
    "expired": gettext_noop("This pass has expired. Reload the page to get a new one."),
    "used": gettext_noop("This pass was used already. Reload the page to get a new one."),
    "no_pass": gettext_noop("This is not a pass of this hearing. Open your own link again."),
    "poor_pass": gettext_noop("This pass lacks what it is for. Open your own link again."),
    "not_listening": gettext_noop("This connection does not listen. Open the program first."),
    "no_channel": gettext_noop("This hearing has no such channel. Choose another language."),
    "not_ahead": gettext_noop("Only the moderator and the technician hear who comes next."),
    "no_practice": gettext_noop("Nobody practises at this seat: open the microphone first."),
    "no_captions": gettext_noop("This hearing takes no captions now."),
    "broke_off": gettext_noop("This request broke off."),
    "no_port": gettext_noop(
        "Every line of the server is in use. Try again in a minute, or follow the webcast."
    ),
    "no_codec": gettext_noop(
        "This browser cannot send sound or picture in a form that the hearing takes. Use a "
        "current Chrome, Edge, Firefox or Safari."
    ),
    "bad_offer": gettext_noop(
        "This browser asks for sound and picture in a way that is not understood. Reload the page, "
        "or use a current Chrome, Edge, Firefox or Safari."
    ),
    "caption_refused": gettext_noop(
        "This line of captions was not taken. Make it shorter, or send it in several lines."
    ),
}
"""Each code's sentence; pages show it translated."""

WHY: Final[dict[str, str]] = {
    "elsewhere": gettext_noop(
        "This seat was opened in another window or on another device, which has it now."
    ),
    "removed": gettext_noop("You were removed from the meeting by its moderator."),
    "over": gettext_noop("This has ended."),
    "lost": gettext_noop("The connection was lost. It is being made again."),
    "left": gettext_noop("This connection was closed."),
    "flooding": gettext_noop(
        "This device sent far more than a microphone and a camera do, and was cut off."
    ),
    "too large": gettext_noop(
        "This picture is larger than 2560 by 1600. Share a window, or a smaller screen."
    ),
}
"""Why a session ended, by the reason that its last event carries."""

_CODES: Final = {sentence: code for code, sentence in SENTENCES.items()}


def code_of(sentence: str) -> str:
    """The code of a sentence; "" for one that has none."""
    return _CODES.get(sentence, "")
