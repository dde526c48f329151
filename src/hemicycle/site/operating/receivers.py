"""The link to delete a draft, on the office's page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, overview_acts
from hemicycle.site.operating.draft_views import is_only_a_draft


@overview_acts.connect
def deletion(hearing: Hearing) -> Iterator[PageLink]:
    """Yield a link to delete the hearing if it is a draft that was never published."""
    if is_only_a_draft(hearing) and not hearing.is_rehearsed:
        path = reverse("operating:delete-draft", args=(hearing.slug,))
        yield PageLink(_("Delete this draft"), path)
