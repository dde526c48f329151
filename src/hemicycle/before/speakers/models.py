"""Changes that the secretariat makes to the order of a list of speakers."""

import uuid

from django.db import models

from hemicycle.before.registration.models import Inscription
from hemicycle.hearing.people.models import Person


class Move(models.Model):
    """A change to the order: which inscription was put before which, by whom and why.

    `balance` is None for a move by hand. For a move of an accepted proposal it has `act` (the seq
    of the entry), `attribute`, the places `arrival`, `from` and `to`, and, if pages may show it,
    the effect on the share of its `group`: `before` and `after` among the first `among` speakers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    inscription = models.ForeignKey(Inscription, on_delete=models.CASCADE, related_name="moves")
    before = models.ForeignKey(
        Inscription, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=64, help_text="key of the note")
    moved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    seq = models.BigIntegerField(help_text="seq of the entry that moved it")
    balance = models.JSONField(null=True, help_text="what an accepted proposal says about it")

    class Meta:
        ordering = ("seq",)
