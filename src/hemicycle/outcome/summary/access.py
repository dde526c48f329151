"""The summary that a page is about, or the answer that there is none."""

from django.http import Http404
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import queries
from hemicycle.outcome.summary.models import Summary


def drafted_summary(hearing: Hearing) -> Summary:
    """The hearing's summary, published or not; `Http404` before one is drafted."""
    summary = queries.summary_of(hearing)
    if summary is None:
        raise Http404(_("Nothing is drafted yet."))
    return summary


def published_summary(hearing: Hearing) -> Summary:
    """The summary that the public may read; `Http404` while there is none."""
    summary = queries.summary_of(hearing)
    if summary is None or summary.published_at is None:
        raise Http404(_("The summary of this hearing is not published."))
    return summary
