"""The draft of the cover letter of the summary, in the active language."""

from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.outcome.summary.drafting import DraftPart, DraftSection, DraftSentence
from hemicycle.ui import times
from hemicycle.ui.languages import listed


def heading() -> str:
    """Return the heading of the section."""
    return _("Cover letter")


def drafted(hearing: Hearing) -> DraftSection:
    """Draft the letter's paragraphs from the data of the hearing.

    If missions can take part, it names Member States and has diplomatic forms of address.
    """
    is_for_missions = _is_for_missions(hearing)
    said = [
        addressees(hearing),
        _("Excellency,") if is_for_missions else _("Dear participants,"),
        _transmits(hearing),
        _(
            "Each paragraph of the summary leads to its sources: what participants said or handed "
            "in, or entries of the record of the hearing. Annexed to it are the recommendations, "
            "by guiding question; the programme; the figures of participation; the list of those "
            "who spoke; and the list of those who could not be reached for lack of time."
        ),
        _(
            "I should like to thank all those who took part, and trust that their contributions "
            "will inform the deliberations of Member States."
        )
        if is_for_missions
        else _(
            "I should like to thank all those who took part, and trust that their contributions "
            "will inform the deliberations that follow."
        ),
        _("Please accept, Excellency, the assurances of my highest consideration.")
        if is_for_missions
        else _("Please accept the assurances of my highest consideration."),
    ]
    sentences = tuple(DraftSentence(text, ()) for text in said)
    return DraftSection(None, None, heading(), sentences, DraftPart.LETTER)


def addressees(hearing: Hearing) -> str:
    """Return the addressees, for the foot of the letter."""
    if _is_for_missions(hearing):
        return _(
            "To all permanent representatives and permanent observers, and to all who took part in "
            "the hearing"
        )
    return _("To all who took part in the hearing")


def _is_for_missions(hearing: Hearing) -> bool:
    tracks = {category.track for category in hearing.categories.all()}
    return any(track.is_for_missions for track in hearing.all_tracks if track.key in tracks)


def _transmits(hearing: Hearing) -> str:
    """Return the sentence that transmits the summary, with the mandate and the days, if any."""
    days = listed(dict.fromkeys(_day(hearing, meeting) for meeting in hearing.meetings.all()))
    symbols = [str(document.get("symbol", "")) for document in hearing.mandate]
    mandate = listed(symbol for symbol in symbols if symbol)
    told = {"title": hearing.title, "mandate": mandate, "days": days}
    if mandate and days:
        said = _(
            "I have the honour to transmit herewith the summary of “%(title)s”, convened pursuant "
            "to %(mandate)s, held on %(days)s."
        )
    elif mandate:
        said = _(
            "I have the honour to transmit herewith the summary of “%(title)s”, convened pursuant "
            "to %(mandate)s."
        )
    elif days:
        said = _(
            "I have the honour to transmit herewith the summary of “%(title)s”, held on %(days)s."
        )
    else:
        said = _("I have the honour to transmit herewith the summary of “%(title)s”.")
    return times.one_stop(said % told)


def _day(hearing: Hearing, meeting: Meeting) -> str:
    return times.words(meeting.starts_at.astimezone(hearing.zone), "date")
