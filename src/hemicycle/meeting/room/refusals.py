"""The sentences of the procedure's refusals, in the reader's language."""

from django.utils.translation import gettext

from hemicycle.procedure.refusals import SENTENCES, Refused


def sentence_of(refused: Refused) -> str:
    """Return why the procedure refused a command, in the language now active."""
    return gettext(SENTENCES[refused.code])
