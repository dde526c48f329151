"""The parts of the API on the office's other pages."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import Task
from hemicycle.site.api.models import Token, Webhook


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a line with the number of a person's tokens, which are deleted with the person."""
    count = Token.objects.filter(hearing=hearing, owner=person).count()
    if count:
        text = ngettext("%(n)s token for the API", "%(n)s tokens for the API", count)
        yield text % {"n": count}


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield a task for each webhook that is switched off."""
    for webhook in Webhook.objects.filter(hearing=hearing).exclude(disabled_at=None):
        url = reverse("api:webhook", args=(hearing.slug, webhook.pk))
        yield Task(_("A webhook is switched off. Entries wait until it is switched on."), url)
