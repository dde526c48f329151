"""Messages of the scripts of the interpreters' console."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def messages() -> dict[str, str]:
    """Return them in the language now active."""
    return {**_microphone(), **_handover(), **_channels(), **_signals(), **_pace()}


def _microphone() -> dict[str, str]:
    return {
        "console.off": _("Nobody of this booth is heard."),
        "console.on": _("The channel carries your voice: {language}."),
        "console.cough": _("Nobody hears you while you hold the key."),
        "console.partner": _("{name} is heard. Your microphone is off."),
        "console.lost": _("Your partner has lost the connection. Take the microphone."),
        "console.unconnected": _("Your microphone is not connected yet."),
        "console.floor_wins": _("The speaker speaks your language: the channel carries the floor."),
        "console.other_wins": _("The channel carries another booth now: {language}."),
        "console.hand_over_soon": _("20 minutes on the microphone: hand over soon."),
        "console.hand_over_now": _("30 minutes on the microphone: hand over now."),
        "console.turn_on": _("Microphone on"),
        "console.turn_off": _("Microphone off"),
        "console.take": _("Take the microphone"),
        "console.you": _("you"),
        "console.here": pgettext("an interpreter", "connected"),
        "console.not_here": pgettext("an interpreter", "microphone not connected"),
        "console.live": pgettext("an interpreter", "on the microphone"),
    }


def _handover() -> dict[str, str]:
    return {
        "console.offer.give": _("Offer the microphone"),
        "console.offer.ask": _("Ask for the microphone"),
        "console.offer.withdraw": _("Withdraw the offer"),
        "console.offer.gives": _("{name} offers you the microphone."),
        "console.offer.asks": _("{name} asks for the microphone."),
        "console.offer.waits": _(
            "You have offered the microphone. It passes on once your partner accepts."
        ),
        "console.offer.waits_asked": _("You have asked for the microphone. Your partner decides."),
        "console.handover.accepted": _("The microphone has passed on."),
        "console.handover.declined": _("{name} has declined."),
        "console.handover.withdrawn": _("{name} has withdrawn the offer."),
        "console.handover.expired": _("Nobody answered the offer within half a minute."),
        "console.handover.vanished": _(
            "The offer has lapsed: your partner has lost the connection."
        ),
        "console.handover.lost": _("Whoever had the microphone has lost the connection."),
        "console.handover.back": _("The connection is back, and so is the microphone."),
    }


def _channels() -> dict[str, str]:
    return {
        "console.depth.1": _("relay"),
        "console.depth.2": _("relay of relay"),
        "console.depth.more": _("relay at {n} removes"),
        "console.channel.silent": pgettext("a channel", "silent"),
        "console.channel.spoken": pgettext("a channel", "the floor"),
        "console.channel.by": _("by the booth: {language}"),
        "console.incoming.floor": _("You hear the floor."),
        "console.incoming.relay": _("You hear: {language} ({depth})."),
        "console.incoming.spoken": _("You hear the floor: the speaker speaks {language}."),
        "console.incoming.fell_to_floor": _(
            "You hear the floor for now: no booth speaks {language}. It comes back by itself."
        ),
        "console.incoming.fell": _(
            "You hear {language} for now: the booth that you chose is silent. It comes back by "
            "itself."
        ),
    }


def _signals() -> dict[str, str]:
    return {
        "console.signal.slow": _("Asks the speaker to slow down. Booth: {language}."),
        "console.signal.trouble": _("Reports trouble. Booth: {language}."),
        "console.talk.booth": _("Booth: {language}"),
        "console.talk.partner": _("Your booth"),
        "console.talk.technician": _("Technician"),
        "console.talk.moderator": _("Moderator"),
    }


def _pace() -> dict[str, str]:
    return {
        "console.pace.none": _("no text to count by"),
        "console.pace.needed": _("{n} words a minute to finish in time"),
        "console.pace.measured": _("{n} words a minute up to the mark"),
        "console.pace.good": pgettext("the pace of a speech", "good"),
        "console.pace.fast": pgettext("the pace of a speech", "fast"),
        "console.pace.too_fast": pgettext("the pace of a speech", "too fast"),
        "console.text.failed": _("The text does not come. It is asked for again by itself."),
    }
