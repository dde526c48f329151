"""The headings of the parts of a summary, in the active language."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.outcome.summary.models import Section
from hemicycle.ui.words import Words

_OWN: dict[str, Promise] = {
    Section.LETTER: gettext_lazy("Cover letter"),
    Section.MESSAGES: gettext_lazy("Key messages"),
    Section.PARTICIPATION: gettext_lazy("Participation"),
}
_OTHER = ":other"


def heading(section: Section, language: str) -> str:
    """Return the heading of a section in a summary that is in `language`.

    A translation has the guiding question in the language, as the hearing gives it, or a standard
    heading; the original has the heading with which it was drafted.
    """
    original = section.summary.language
    asked = section.guiding_question.text if section.guiding_question else None
    if language == original:
        # The question has its language with it, which may not be the summary's.
        return section.heading if asked is None or str(asked) != section.heading else asked
    if asked is not None:
        return asked
    if section.key in _OWN:
        return str(_OWN[section.key])
    if section.key.endswith(_OTHER):
        return _("Other points")
    return Words.of(section.heading, original, {}, language)  # its guiding question was deleted


def panel_title(section: Section) -> str:
    """Return the title of a section's panel."""
    return section.segment.title if section.segment else _("Contributions in writing")


def group_title(section: Section) -> str:
    """Return the title above a section; "" if its own heading is enough."""
    if section.is_recommendations:
        return _("Recommendations")
    return "" if section.key in _OWN else panel_title(section)
