"""Screens, microphone checks, the media engine's reports, and other broadcasters."""

import uuid

from django.db import models

from hemicycle.meeting.room import broadcaster_urls


class Screen(models.Model):
    """A connected screen's last report on its clock, measured against the server's."""

    id = models.UUIDField(
        primary_key=True, help_text="signed for the screen's page (`ui.screen_passes`)"
    )
    hearing_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=16)
    reported_at = models.DateTimeField()
    offset_ms = models.FloatField(help_text="the screen's idea of server time less the server's")
    uncertainty_ms = models.FloatField(help_text="half the shortest round trip")
    lag_ms = models.FloatField(null=True, help_text="time left as shown less as it should be")
    seq = models.BigIntegerField(help_text="last entry the screen has applied")


class Engine(models.Model):
    """A media engine's reports on one hearing: the number of the last fact that became an entry.

    It changes in the transaction that appends the entries, so a batch that is sent again has no
    effect.
    """

    id = models.UUIDField(primary_key=True, help_text="the engine's own id")
    hearing_id = models.UUIDField(db_index=True)
    taken = models.PositiveBigIntegerField(default=0)
    heard_at = models.DateTimeField()


class EdgeStatus(models.Model):
    """An engine's last report on an edge for one hearing: whether it has the hearing's streams."""

    hearing_id = models.UUIDField()
    edge = models.CharField(max_length=500, help_text="its name: scheme, host and port")
    works = models.BooleanField()
    listeners = models.PositiveIntegerField()
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing_id", "edge"), name="one_status_an_edge"),
        )


class Airtime(models.Model):
    """The time until which a hearing is on air without a meeting, because a person practises."""

    hearing_id = models.UUIDField(primary_key=True)
    until = models.DateTimeField()


class Check(models.Model):
    """A person's last passed check of microphone and network, as the engine measured it."""

    hearing_id = models.UUIDField()
    person_id = models.UUIDField()
    passed_at = models.DateTimeField()
    level_db = models.SmallIntegerField(help_text="dBFS: zero or less")
    echo_db = models.SmallIntegerField(help_text="against what was sent; -99 for none")
    rtt_ms = models.PositiveIntegerField()
    loss = models.PositiveSmallIntegerField(help_text="percent")
    camera = models.BooleanField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing_id", "person_id"), name="one_check_each"),
        )


class Broadcaster(models.Model):
    """Another broadcaster to which the program is sent with the sound of one channel."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    url = models.CharField(
        max_length=broadcaster_urls.LONGEST, help_text="a secret: it carries a key"
    )
    channel = models.CharField(max_length=16, help_text="floor, or a BCP 47 tag")
    seq = models.BigIntegerField(help_text="the entry by which it came")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hearing_id", "url"), name="broadcaster_once"),
        )

    @property
    def masked(self) -> str:
        """The address without its secrets."""
        return broadcaster_urls.masked(self.url)
