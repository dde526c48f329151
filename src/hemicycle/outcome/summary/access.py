"""Get the summary that a page is about, or answer 404."""

from django.http import Http404
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import key_messages, queries
from hemicycle.outcome.summary.models import Summary


def drafted_summary(hearing: Hearing) -> Summary:
    """Return the hearing's summary, published or not; `Http404` before it is drafted."""
    summary = queries.summary_of(hearing)
    if summary is None:
        raise Http404(_("There is no draft yet."))
    return summary


def published_summary(hearing: Hearing) -> Summary:
    """Return the published summary; `Http404` while it is not published."""
    summary = queries.summary_of(hearing)
    if summary is None or summary.published_at is None:
        raise Http404(_("The summary of this hearing is not published."))
    return summary


def public_messages(hearing: Hearing) -> Summary:
    """Return the summary whose key messages are public; `Http404` while they are not."""
    summary = queries.summary_of(hearing)
    if summary is None or key_messages.public_version(summary) is None:
        raise Http404(_("The key messages of this hearing are not published."))
    return summary
