"""The words that the scripts of the desk say."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def messages() -> dict[str, str]:
    """What those scripts say, in the language now active."""
    return {**_microphone(), **_handover(), **_channels(), **_signals(), **_pace()}


def _microphone() -> dict[str, str]:
    return {
        "desk.off": _("Nobody of this booth is heard."),
        "desk.on": _("The channel carries your voice: {language}."),
        "desk.cough": _("Nobody hears you while you hold the key."),
        "desk.partner": _("{name} is heard. Your microphone is off."),
        "desk.lost": _("Your partner has lost the connection. Take the microphone."),
        "desk.unconnected": _("Your microphone is not connected yet."),
        "desk.floor_wins": _("The speaker speaks your language: the channel carries the floor."),
        "desk.other_wins": _("The channel carries another booth now: {language}."),
        "desk.hand_over_soon": _("20 minutes on the microphone: hand over soon."),
        "desk.hand_over_now": _("30 minutes on the microphone: hand over now."),
        "desk.turn_on": _("Microphone on"),
        "desk.turn_off": _("Microphone off"),
        "desk.take": _("Take the microphone"),
        "desk.you": _("you"),
        "desk.here": pgettext("an interpreter", "connected"),
        "desk.not_here": pgettext("an interpreter", "microphone not connected"),
        "desk.live": pgettext("an interpreter", "on the microphone"),
    }


def _handover() -> dict[str, str]:
    return {
        "desk.offer.give": _("Offer the microphone"),
        "desk.offer.ask": _("Ask for the microphone"),
        "desk.offer.withdraw": _("Withdraw the offer"),
        "desk.offer.gives": _("{name} offers you the microphone."),
        "desk.offer.asks": _("{name} asks for the microphone."),
        "desk.offer.waits": _(
            "You have offered the microphone. It passes on once your partner accepts."
        ),
        "desk.offer.waits_asked": _("You have asked for the microphone. Your partner decides."),
        "desk.handover.accepted": _("The microphone has passed on."),
        "desk.handover.declined": _("{name} has declined."),
        "desk.handover.withdrawn": _("{name} has withdrawn the offer."),
        "desk.handover.expired": _("Nobody answered the offer within half a minute."),
        "desk.handover.vanished": _("The offer has lapsed: your partner has lost the connection."),
        "desk.handover.lost": _("Whoever had the microphone has lost the connection."),
        "desk.handover.back": _("The connection is back, and so is the microphone."),
    }


def _channels() -> dict[str, str]:
    return {
        "desk.depth.1": _("relay"),
        "desk.depth.2": _("relay of relay"),
        "desk.depth.more": _("relay at {n} removes"),
        "desk.channel.silent": pgettext("a channel", "silent"),
        "desk.channel.spoken": pgettext("a channel", "the floor"),
        "desk.channel.by": _("by the booth: {language}"),
        "desk.incoming.floor": _("You hear the floor."),
        "desk.incoming.relay": _("You hear: {language} ({depth})."),
        "desk.incoming.spoken": _("You hear the floor: the speaker speaks {language}."),
        "desk.incoming.fell_to_floor": _(
            "You hear the floor for now: no booth speaks {language}. It comes back by itself."
        ),
        "desk.incoming.fell": _(
            "You hear {language} for now: the booth that you chose is silent. It comes back by "
            "itself."
        ),
    }


def _signals() -> dict[str, str]:
    return {
        "desk.signal.slow": _("Asks the speaker to slow down. Booth: {language}."),
        "desk.signal.trouble": _("Reports trouble. Booth: {language}."),
        "desk.talk.booth": _("Booth: {language}"),
        "desk.talk.partner": _("Your booth"),
        "desk.talk.technician": _("Technician"),
        "desk.talk.moderator": _("Moderator"),
    }


def _pace() -> dict[str, str]:
    return {
        "desk.pace.none": _("no text to count by"),
        "desk.pace.needed": _("{n} words a minute to finish in time"),
        "desk.pace.measured": _("{n} words a minute up to the mark"),
        "desk.pace.good": pgettext("the pace of a speech", "good"),
        "desk.pace.fast": pgettext("the pace of a speech", "fast"),
        "desk.pace.too_fast": pgettext("the pace of a speech", "too fast"),
        "desk.text.failed": _("The text does not come. It is asked for again by itself."),
    }
