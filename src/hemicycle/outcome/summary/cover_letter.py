"""The draft of the cover letter of the summary."""

from hemicycle.hearing.people.models import Track
from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.outcome.summary.drafting import DraftPart, DraftSection, DraftSentence
from hemicycle.outcome.summary.drafting.reported_speech import listed

HEADING = "Cover letter"
SALUTATION = "Excellency,"


def drafted(hearing: Hearing) -> DraftSection:
    """Draft the letter's paragraphs from the data of the hearing."""
    meetings = list(hearing.meetings.all())
    said = [addressees(hearing), SALUTATION, _transmits(hearing, meetings), _annexes(), _thanks()]
    closing = "Please accept, Excellency, the assurances of my highest consideration."
    sentences = tuple(DraftSentence(text, ()) for text in (*said, closing))
    return DraftSection(None, None, HEADING, sentences, DraftPart.LETTER)


def addressees(hearing: Hearing) -> str:
    """Return the addressees, for the foot of the letter."""
    tracks = {category.track for category in hearing.categories.all()}
    missions = "To all permanent representatives and permanent observers, and to "
    return f"{missions if Track.MISSIONS in tracks else 'To '}all who took part in the hearing"


def _transmits(hearing: Hearing, meetings: list[Meeting]) -> str:
    days = dict.fromkeys(
        f"{meeting.starts_at.astimezone(hearing.zone):%-d %B %Y}" for meeting in meetings
    )
    held = f", held on {listed(list(days))}" if days else ""
    symbols = [str(document.get("symbol", "")) for document in hearing.mandate]
    named = [symbol for symbol in symbols if symbol]
    under = f", convened pursuant to {listed(named)}" if named else ""
    return f"I have the honour to transmit herewith the summary of “{hearing.title}”{under}{held}."


def _annexes() -> str:
    return (
        "Each paragraph of the summary leads to its sources: what participants said or handed in, "
        "or entries of the record of the hearing. Annexed to it are the recommendations, by "
        "guiding question; the programme; the figures of participation; the list of those who "
        "spoke; and the list of those who could not be reached for lack of time."
    )


def _thanks() -> str:
    return (
        "I should like to thank all those who took part, and trust that their contributions will "
        "inform the deliberations of Member States."
    )
