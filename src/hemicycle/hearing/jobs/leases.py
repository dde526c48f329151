"""Leases: a task runs in one process at a time, on any number of machines.

A lease is a row with an expiry time. Its holder renews it. If the holder dies, another process
takes the lease after that time. Times are set and compared by the database's clock, since the clock
of a machine may be wrong.
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
"""After this time, another process takes over the task of a process that was killed."""


class Holder:
    """One process's hold on a lease. The process loses it if it does not renew it in time."""

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
        """Release the lease, so that another process can take it at once."""
        TaskLease.objects.filter(name=self.name, holder=self._token).update(holder="")


@contextmanager
def in_turn(name: str) -> Iterator[None]:
    """Run the block in a transaction while no other process runs a block with the same name."""
    with transaction.atomic():
        TaskLease.objects.get_or_create(name=name, defaults={"until": Now()})
        TaskLease.objects.select_for_update().get(name=name)
        yield
