"""Messages for the scripts of the interpreters' console."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def messages() -> dict[str, str]:
    """Return the messages in the active language."""
    return {**_microphone(), **_handover(), **_channels(), **_signals(), **_pace()}


def _microphone() -> dict[str, str]:
    return {
        "console.off": _("No one in this booth is on air."),
        "console.on": _("The channel carries your voice: {language}."),
        "console.cough": _("You are muted while you hold the key."),
        "console.partner": _("{name} is on air. Your microphone is off."),
        "console.lost": _("Your partner has lost the connection. Take the microphone."),
        "console.unconnected": _("Your microphone is not connected yet."),
        "console.floor_wins": _(
            "The speaker is speaking your language. The channel carries the floor."
        ),
        "console.other_wins": _("The channel now carries another booth: {language}."),
        "console.hand_over_soon": _("You have had the microphone for 20 minutes. Hand over soon."),
        "console.hand_over_now": _("You have had the microphone for 30 minutes. Hand over now."),
        "console.turn_on": _("Turn on the microphone"),
        "console.turn_off": _("Turn off the microphone"),
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
        "console.offer.waits": _("You have offered the microphone. Your partner has to accept it."),
        "console.offer.waits_asked": _(
            "You have asked for the microphone. Your partner has to agree."
        ),
        "console.handover.accepted": _("The microphone has been handed over."),
        "console.handover.declined": _("{name} has declined."),
        "console.handover.withdrawn": _("{name} has withdrawn the offer."),
        "console.handover.expired": _("The offer was not answered within 30 seconds."),
        "console.handover.vanished": _(
            "The offer has expired because your partner lost the connection."
        ),
        "console.handover.lost": _(
            "The interpreter who had the microphone has lost the connection."
        ),
        "console.handover.back": _("The connection and the microphone are back."),
    }


def _channels() -> dict[str, str]:
    return {
        "console.depth.1": _("relay"),
        "console.depth.2": _("relay of relay"),
        "console.depth.more": _("relay through {n} booths"),
        "console.channel.silent": pgettext("a channel", "silent"),
        "console.channel.spoken": pgettext("a channel", "the floor"),
        "console.channel.by": _("by the booth: {language}"),
        "console.incoming.floor": _("You are hearing the floor."),
        "console.incoming.relay": _("You are hearing {language} ({depth})."),
        "console.incoming.spoken": _(
            "You are hearing the floor. The speaker is speaking {language}."
        ),
        "console.incoming.fell_to_floor": _(
            "You are hearing the floor because no booth is interpreting into {language}. The "
            "channel will return automatically."
        ),
        "console.incoming.fell": _(
            "You are hearing {language} because the booth you chose is silent. You will hear that "
            "booth again automatically."
        ),
    }


def _signals() -> dict[str, str]:
    return {
        "console.signal.slow": _("The booth asks the speaker to slow down: {language}."),
        "console.signal.trouble": _("The booth reports a problem: {language}."),
        "console.talk.booth": _("Booth: {language}"),
        "console.talk.partner": _("Your booth"),
        "console.talk.technician": _("Technician"),
        "console.talk.moderator": _("Moderator"),
    }


def _pace() -> dict[str, str]:
    return {
        "console.pace.none": _("no text to measure the pace"),
        "console.pace.needed": _("{n} words a minute to finish in time"),
        "console.pace.measured": _("{n} words a minute so far"),
        "console.pace.good": pgettext("the pace of a speech", "good"),
        "console.pace.fast": pgettext("the pace of a speech", "fast"),
        "console.pace.too_fast": pgettext("the pace of a speech", "too fast"),
        "console.text.failed": _("The text could not be loaded. Trying again …"),
    }
