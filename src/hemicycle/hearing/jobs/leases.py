"""What one process does at a time, of however many that run on however many machines.

A lease is a row with an end. Its holder renews it; of a holder that died, another takes it after
that end. Ends are set and compared by the database's clock, since a machine's own may be wrong.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from hemicycle.hearing.jobs.models import TaskLease

HELD_FOR = timedelta(seconds=20)
"""After this time, another process does what a killed one did."""


class Holder:
    """One process's hold on a lease, which it may lose when it does not renew it in time."""

    def __init__(self, name: str, held_for: timedelta = HELD_FOR) -> None:
        """`name` has up to 100 characters."""
        self.name = name
        self._held_for = held_for
        self._token = uuid.uuid4().hex

    def hold(self) -> bool:
        """Take the lease or renew it; return False while another process holds it."""
        free = Q(holder=self._token) | Q(holder="") | Q(until__lte=Now())
        until = Now() + self._held_for
        if TaskLease.objects.filter(free, name=self.name).update(holder=self._token, until=until):
            return True
        if TaskLease.objects.filter(name=self.name).exists():
            return False
        try:
            with transaction.atomic():
                TaskLease.objects.create(name=self.name, holder=self._token, until=until)
        except IntegrityError:  # another process was faster
            return False
        return True

    def release(self) -> None:
        """Let another process take it at once."""
        TaskLease.objects.filter(name=self.name, holder=self._token).update(holder="")


@contextmanager
def in_turn(name: str) -> Iterator[None]:
    """Run the block in a transaction, and let no other process run one of that name meanwhile."""
    with transaction.atomic():
        TaskLease.objects.get_or_create(name=name, defaults={"until": Now()})
        TaskLease.objects.select_for_update().get(name=name)
        yield
