"""The letter to a panellist or moderator about which of their names people see."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.people.signals import message_to_person
from hemicycle.hearing.setup.models import Hearing, PanelMember


def tell(hearing: Hearing, seats: Iterable[PanelMember], alias: str) -> None:
    """Queue the letter for the person with these seats, in their language.

    A person without an e-mail address gets none.
    """
    people = {seat.person_id: seat.person for seat in seats if seat.person and seat.person.email}
    for person in people.values():
        with speaking_to(person):
            subject = _("your public name")
            body = "\n\n".join(_paragraphs(hearing, alias))
            message_to_person.send(person, hearing.id, f"{hearing}: {subject}", body)


def _paragraphs(hearing: Hearing, alias: str) -> Iterable[str]:
    if alias:
        seen = _("From now on the public sees “%(alias)s” instead of your name and title.")
        yield seen % {"alias": alias}
        yield _(
            "The moderator, interpreters, captioner and technicians see the alias, and are "
            "told that it is an alias. The secretariat sees both names."
        )
        yield _(
            "A card replaces your picture and your voice is changed, unless you choose "
            "otherwise. What was public under your name before may have been read or copied."
        )
    else:
        yield _("You no longer have an alias. The public may see your name and title.")
    link = f"{settings.BASE_URL}{reverse('hearing:public-name', args=(hearing.slug,))}"
    yield _("See and change the public name here: %(link)s") % {"link": link}
