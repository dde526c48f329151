"""A rehearsed hearing is invented: everything that shows it has a mark, and no mail is sent.

`Hearing.is_rehearsed` is the only source of this fact. It is set when a rehearsal convenes its
hearing and never changes. `Hearing.rehearsal_mark` is the mark on pages, pictures, letters and
papers.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.hearing.people.models import Appointment, Person
from hemicycle.hearing.setup.models import Hearing


def explanation() -> str:
    """Return a sentence that explains the mark, in the reader's language."""
    return _("Everyone and everything in this hearing is invented.")


def is_rehearsed(hearing_id: UUID | None) -> bool:
    """Return whether the hearing with this id is rehearsed."""
    return hearing_id is not None and rehearsed_ids().filter(pk=hearing_id).exists()


def rehearsed_ids() -> QuerySet[Hearing, UUID]:
    """Return the ids of the rehearsed hearings, to be used in queries."""
    return Hearing.objects.filter(is_rehearsed=True).values_list("pk", flat=True)


def invented_people() -> QuerySet[Person]:
    """Return the people who were appointed in rehearsed hearings and in no other."""
    rehearsed = Appointment.every.filter(hearing_id__in=rehearsed_ids())
    real = Appointment.every.exclude(hearing_id__in=rehearsed_ids())
    appointed = Person.objects.filter(pk__in=rehearsed.values("person"))
    return appointed.exclude(pk__in=real.values("person"))
