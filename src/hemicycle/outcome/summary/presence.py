"""Who else has a sentence open now, so that two people see each other before they save."""

from datetime import timedelta

from hemicycle.hearing.people.models import Person
from hemicycle.outcome.summary.models import Presence, Sentence
from hemicycle.record import clock

GONE_AFTER = timedelta(seconds=30)
"""How long after the last sign of a form it counts as left; forms give one every ten seconds."""


def seen(sentence: Sentence, person: Person) -> list[str]:
    """Note that `person` has the sentence open; returns the names of the others who have."""
    now = clock.now()
    Presence.objects.filter(seen_at__lt=now - 2 * GONE_AFTER).delete()
    Presence.objects.update_or_create(sentence=sentence, person=person, defaults={"seen_at": now})
    others = Presence.objects.filter(sentence=sentence, seen_at__gte=now - GONE_AFTER)
    rows = others.exclude(person=person).select_related("person").order_by("seen_at")
    return [row.person.name or row.person.email for row in rows]


def left(sentence: Sentence, person: Person) -> None:
    """Note that `person` has closed the sentence."""
    Presence.objects.filter(sentence=sentence, person=person).delete()
