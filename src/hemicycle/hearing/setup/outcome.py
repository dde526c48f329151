"""Links to a hearing's documents and outcome: recording, published statements, summary."""

from itertools import chain

from django.utils.translation import gettext as _

from hemicycle.hearing.setup import addresses, signals
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, PublicDocument


def documents(hearing: Hearing) -> list[PublicDocument]:
    """Return the hearing's public documents, by kind."""
    return list(chain.from_iterable(signals.public_documents.send(hearing)))


def said(hearing: Hearing) -> list[PageLink]:
    """Return links to the pages with what was said: the recording and the published statements."""
    found = [
        PageLink(_("Recording"), addresses.path_of("webcast:live", hearing.slug)),
        PageLink(_("Published statements"), addresses.path_of("statements:library", hearing.slug)),
    ]
    return [page for page in found if page.path]


def results(hearing: Hearing) -> list[PageLink]:
    """Return links to the outcome: the summary, or the key messages until it is published."""
    return list(chain.from_iterable(signals.outcome_links.send(hearing)))
