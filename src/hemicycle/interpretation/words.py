"""The words that the scripts of the desk say."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.media.booth_state import SENTENCES
from hemicycle.procedure import channels


def refusals() -> dict[str, str]:
    """The engine's own sentences about booths, in the language now active."""
    spoken = (channels.UNKNOWN, channels.ITSELF, channels.SILENT, channels.CIRCLE)
    return {sentence: _(sentence) for sentence in (*SENTENCES.values(), *spoken)}


def messages() -> dict[str, str]:
    """What those scripts say, in the language now active."""
    return {**_microphone(), **_handover(), **_channels(), **_signals(), **_pace()}


def _microphone() -> dict[str, str]:
    return {
        "booth.off": _("Nobody of this booth is heard."),
        "booth.on": _("The channel carries your voice: {language}."),
        "booth.cough": _("Nobody hears you while you hold the key."),
        "booth.partner": _("{name} is heard. Your microphone is off."),
        "booth.lost": _("Your partner has lost the connection. Take the microphone."),
        "booth.unconnected": _("Your microphone is not connected yet."),
        "booth.floor_wins": _("The speaker speaks your language: the channel carries the floor."),
        "booth.other_wins": _("The channel carries another booth now: {language}."),
        "booth.hand_over_soon": _("20 minutes on the microphone: hand over soon."),
        "booth.hand_over_now": _("30 minutes on the microphone: hand over now."),
        "booth.turn_on": _("Microphone on"),
        "booth.turn_off": _("Microphone off"),
        "booth.take": _("Take the microphone"),
        "booth.you": _("you"),
        "booth.here": pgettext("an interpreter", "connected"),
        "booth.not_here": pgettext("an interpreter", "microphone not connected"),
        "booth.live": pgettext("an interpreter", "on the microphone"),
    }


def _handover() -> dict[str, str]:
    return {
        "offer.give": _("Offer the microphone"),
        "offer.ask": _("Ask for the microphone"),
        "offer.withdraw": _("Withdraw the offer"),
        "offer.gives": _("{name} offers you the microphone."),
        "offer.asks": _("{name} asks for the microphone."),
        "offer.waits": _(
            "You have offered the microphone. It passes on once your partner accepts."
        ),
        "offer.waits_asked": _("You have asked for the microphone. Your partner decides."),
        "handover.accepted": _("The microphone has passed on."),
        "handover.declined": _("{name} has declined."),
        "handover.withdrawn": _("{name} has withdrawn the offer."),
        "handover.expired": _("Nobody answered the offer within half a minute."),
        "handover.vanished": _("The offer has lapsed: your partner has lost the connection."),
        "handover.lost": _("Whoever had the microphone has lost the connection."),
        "handover.back": _("The connection is back, and so is the microphone."),
    }


def _channels() -> dict[str, str]:
    return {
        "depth.1": _("relay"),
        "depth.2": _("relay of relay"),
        "depth.more": _("relay at {n} removes"),
        "channel.silent": pgettext("a channel", "silent"),
        "channel.spoken": pgettext("a channel", "the floor"),
        "channel.by": _("by the booth: {language}"),
        "incoming.floor": _("You hear the floor."),
        "incoming.relay": _("You hear: {language} ({depth})."),
        "incoming.fell_to_floor": _(
            "You hear the floor for now: no booth speaks {language}. It comes back by itself."
        ),
        "incoming.fell": _(
            "You hear {language} for now: the booth that you chose is silent. It comes back by "
            "itself."
        ),
    }


def _signals() -> dict[str, str]:
    return {
        "signal.slow": _("Asks the speaker to slow down. Booth: {language}."),
        "signal.trouble": _("Reports trouble. Booth: {language}."),
        "talk.booth": _("Booth: {language}"),
        "talk.partner": _("Your booth"),
        "talk.technician": _("Technician"),
        "talk.moderator": _("Moderator"),
    }


def _pace() -> dict[str, str]:
    return {
        "pace.none": _("no text to count by"),
        "pace.needed": _("{n} words a minute to finish in time"),
        "pace.measured": _("{n} words a minute up to the mark"),
        "pace.good": pgettext("the pace of a speech", "good"),
        "pace.fast": pgettext("the pace of a speech", "fast"),
        "pace.too_fast": pgettext("the pace of a speech", "too fast"),
        "text.failed": _("The text does not come. It is asked for again by itself."),
    }
