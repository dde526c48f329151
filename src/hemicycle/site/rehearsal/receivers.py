"""The link to remove the demonstration data, on the office's page of a rehearsed hearing."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import PageLink, overview_acts


@overview_acts.connect
def removal(hearing: Hearing) -> Iterator[PageLink]:
    """Yield a link to remove the demonstration data, in a rehearsed hearing's office."""
    if hearing.is_rehearsed:
        path = reverse("rehearsal:remove", args=(hearing.slug,))
        yield PageLink(_("Remove the demonstration data"), path)
