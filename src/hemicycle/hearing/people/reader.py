"""Write to a person: in their language, with times in their time zone beside the hearing's."""

from collections.abc import Iterator
from contextlib import contextmanager

from hemicycle.hearing.people.models import Person
from hemicycle.ui import times
from hemicycle.ui.languages import speaking


@contextmanager
def speaking_to(person: Person) -> Iterator[None]:
    """Use a person's language and time zone inside the block."""
    with speaking(person.language), times.reading_in(person.time_zone):
        yield
