"""Connects the API to the office's pages, the daily chores and the erasure of people."""

from uuid import UUID

from hemicycle.before.registration.signals import daily_chores
from hemicycle.hearing.setup.signals import overview_tasks, personal_holdings
from hemicycle.record.signals import person_erased
from hemicycle.record.writer import Writer
from hemicycle.site.api import cards
from hemicycle.site.api.models import Token
from hemicycle.site.api.webhooks import record_follower

personal_holdings.connect(cards.holdings)
overview_tasks.connect(cards.tasks)
daily_chores.connect(record_follower.prune)


@person_erased.connect
def erase_tokens(person: UUID, record: Writer) -> list[str]:
    """Delete a person's tokens, which act in the person's name; return their ids."""
    own = Token.objects.filter(owner=person, hearing=record.hearing)
    ids = [one.hex for one in own.values_list("id", flat=True)]
    own.delete()
    return ids
