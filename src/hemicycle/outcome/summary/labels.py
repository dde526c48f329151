"""The sentences by which the audit page describes the summary's entries."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hemicycle.record import labels
from hemicycle.ui.languages import language_name, listed

SENTENCES = {
    "summary.drafted": _(
        "The summary was drafted (%(language)s). Statements: %(statements)s. Sentences: "
        "%(sentences)s, of which kept as edited: %(kept)s."
    ),
    "summary.edited": _("The summary was edited: %(what)s."),
    "summary.published": _("Revision %(revision)s of the summary was published."),
    "summary.taken_back": _("The summary was withdrawn from publication."),
    "summary.version_kept": _(
        "Version %(number)s of the summary was saved (revision %(revision)s)."
    ),
    "summary.translated": _("A sentence of the summary was translated (%(language)s)."),
    "summary.translation_published": _(
        "The translation of the summary was published (%(language)s). Sentences not translated: "
        "%(untranslated)s."
    ),
    "summary.translation_taken_back": _(
        "The translation of the summary was withdrawn from publication (%(language)s)."
    ),
    "summary.translation_kept": _(
        "Version %(number)s of the translation of the summary was saved (%(language)s)."
    ),
    "summary.messages_published": _("The key messages were published (%(languages)s)."),
    "summary.messages_taken_back": _("The key messages were withdrawn from publication."),
    "summary.messages_circulated": _(
        "The key messages were circulated. Recipients: %(recipients)s. Missions: %(missions)s. "
        "Participants: %(participants)s. Panellists and moderators: %(panels)s. "
        "Co-signers: %(co_signers)s. From distribution lists: %(listed)s."
    ),
    "summary.circulated": _(
        "The summary was circulated. Recipients: %(recipients)s. Missions: %(missions)s. "
        "Participants: %(participants)s. Panellists and moderators: %(panels)s. "
        "Co-signers: %(co_signers)s. From distribution lists: %(listed)s."
    ),
}
ACTS = {
    "added": _("a sentence was added"),
    "cited": _("a statement was cited"),
    "edited": _("a sentence was edited"),
    "offered": _("a sentence suggested by a language model was added"),
    "moved": _("a sentence was moved"),
    "removed": _("a sentence was removed"),
    "restored": _("a sentence was restored"),
}

labels.declare_sentences(SENTENCES)
labels.declare_formats(
    "summary.drafted",
    "summary.translated",
    "summary.translation_published",
    "summary.translation_taken_back",
    "summary.translation_kept",
    language=language_name,
)
labels.declare_formats(
    "summary.messages_published", languages=lambda tags: listed(map(language_name, tags))
)
labels.declare_formats(what=lambda what: str(ACTS.get(what) or gettext("a sentence was changed")))
