"""The wall of a hearing: moderated posts about it, written here and elsewhere."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    """The place where a post was written."""

    PAGE = "page", _("this site")
    MASTODON = "mastodon", "Mastodon"
    BLUESKY = "bluesky", "Bluesky"


class WallScreen(models.TextChoices):
    """A screen of the meeting that can show the newest posts."""

    HALL = "hall", _("the hall screen")
    LIVE = "live", _("the live page")


class Wall(models.Model):
    """The setup of a hearing's wall; a hearing without a row has no wall.

    `in_hall` and `on_live` say which screens show it; none does while the wall is not public.
    """

    hearing_id = models.UUIDField(primary_key=True)
    is_public = models.BooleanField(_("the public sees the wall"), default=False)
    takes_posts = models.BooleanField(_("visitors can write on it"), default=False)
    is_moderated = models.BooleanField(_("posts are shown only after approval"), default=True)
    in_hall = models.BooleanField(default=False)
    on_live = models.BooleanField(default=False)


class Source(models.Model):
    """A server from which posts with a hashtag are gathered.

    `mark` is the position of the last round, in the server's own terms. `problem` is a code of
    `gathering.PROBLEMS`, or "" if there is none; `failures` counts consecutive ones.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField(db_index=True)
    origin = models.CharField(max_length=16, choices=Origin)
    server = models.CharField(max_length=200, help_text="https://host")
    hashtag = models.CharField(max_length=80, help_text="without its #")
    mark = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(db_index=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=16, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("origin", "server", "hashtag")
        constraints = (
            models.UniqueConstraint(
                fields=("hearing_id", "origin", "server", "hashtag"), name="wall_source_once"
            ),
        )


class Author(models.Model):
    """An author of posts, as described by their origin.

    `key` is a keyed hash of the author's identity. It names nobody and outlives erasure, so that a
    blocked author stays blocked. An author who wrote here has two more such hashes. `visitor` is
    that of the browser and connects the names used in it. `network`, of the network address and the
    day `networked_on`, is deleted the next day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField()
    origin = models.CharField(max_length=16, choices=Origin)
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    handle = models.CharField(max_length=300, blank=True)
    visitor = models.CharField(max_length=64, blank=True, db_index=True)
    network = models.CharField(max_length=64, blank=True)
    networked_on = models.DateField(null=True, blank=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("hearing_id", "origin", "key"), name="wall_author_once"
            ),
        )


class Post(models.Model):
    """A post in plain text. Deletion and erasure leave an empty row."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for review")
        SHOWN = "shown", _("on the wall")
        HIDDEN = "hidden", _("hidden")
        GONE = "gone", _("deleted by its author")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing_id = models.UUIDField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="posts")
    source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.SET_NULL, related_name="posts"
    )
    origin = models.CharField(max_length=16, choices=Origin)
    origin_id = models.CharField(max_length=64, help_text="keyed hash of its id where it is from")
    origin_ref = models.CharField(max_length=300, blank=True, help_text="its id there")
    url = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True, help_text="BCP 47")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=64, blank=True, help_text="key of the note")
    posted_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True, blank=True, help_text="last seen at its origin")

    class Meta:
        ordering = ("-posted_at", "-id")
        indexes = (models.Index(fields=("hearing_id", "state", "posted_at"), name="wall_by_state"),)
        constraints = (
            models.UniqueConstraint(
                fields=("hearing_id", "origin", "origin_id"), name="wall_post_once"
            ),
        )
