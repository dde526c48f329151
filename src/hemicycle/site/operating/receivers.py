"""What operating a site adds to the office of a draft."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, overview_acts
from hemicycle.site.operating.draft_views import is_only_a_draft


@overview_acts.connect
def deletion(hearing: Hearing) -> Iterator[PageLink]:
    """Offer to delete a draft that was never published."""
    if is_only_a_draft(hearing) and not hearing.is_rehearsed:
        path = reverse("operating:delete-draft", args=(hearing.slug,))
        yield PageLink(_("Delete this draft"), path)
