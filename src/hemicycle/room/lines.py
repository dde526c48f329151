"""What a page needs for its live lines: where it asks for passes, and the channels it offers."""

from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearings.models import Hearing
from hemicycle.registration.choices import language_name


def pass_url(hearing: Hearing, secret: str = "") -> str:
    """Where a page asks for passes: by who has signed in, or by the secret of a personal link."""
    if secret:
        return reverse("room:seat", args=(hearing.slug, secret)) + "pass/"
    return reverse("hearings:page", args=(hearing.slug,)) + "pass/"


def channels(hearing: Hearing) -> list[tuple[str, str]]:
    """The floor, then the hearing's languages, as (channel, name in the reader's language)."""
    spoken = [(tag, language_name(tag)) for tag in hearing.languages]
    return [("floor", _("The floor, as it is spoken")), *spoken]
