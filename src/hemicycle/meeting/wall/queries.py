"""Queries about the wall: the posts that the public sees, and those that wait for a decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.wall.models import Author, Origin, Post, Source, Wall
from hemicycle.meeting.wall.texts import PostPiece, pieces
from hemicycle.record import clock
from hemicycle.record.models import Note

State = Post.State
SCREEN_POSTS, SCREEN_TEXT = 3, 280
"""The number of posts on a screen of the meeting, and their length in characters.

They are small because each viewer gets them with each frame.
"""


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as pages show it, with the reason if it was hidden."""

    post: Post
    pieces: list[PostPiece]
    reason: str = ""

    @property
    def at(self) -> datetime:
        """The time at which the post was written, to the minute."""
        return self.post.posted_at.replace(second=0, microsecond=0)


def posts_of(hearing: Hearing) -> QuerySet[Post]:
    """Return all posts of a hearing that still have a text, the newest first."""
    rows = Post.objects.filter(hearing_id=hearing.id).exclude(state=State.GONE)
    return rows.select_related("author", "source")


def public(hearing: Hearing) -> QuerySet[Post]:
    """Return the posts on the wall."""
    return posts_of(hearing).filter(state=State.SHOWN, author__blocked_at=None)


def is_public(hearing: Hearing) -> bool:
    """Return whether the wall has a public page."""
    return Wall.objects.filter(pk=hearing.id, is_public=True).exists()


def on_screens(hearing: UUID) -> dict[str, Any] | None:
    """Return the part of the wall that screens of the meeting show; None if no screen shows it.

    `hall` and `live` say which screens show it. Makes one query, or two if a screen shows it.
    """
    switched = Wall.objects.filter(Q(in_hall=True) | Q(on_live=True), pk=hearing, is_public=True)
    wall = switched.first()
    if wall is None:
        return None
    rows = Post.objects.filter(hearing_id=hearing, state=State.SHOWN, author__blocked_at=None)
    newest = rows.select_related("author")[:SCREEN_POSTS]
    posts = [_newest_post(post) for post in newest]
    return {"hall": wall.in_hall, "live": wall.on_live, "posts": posts}


def _newest_post(post: Post) -> dict[str, Any]:
    text = post.text
    return {
        "id": post.id.hex,
        "name": post.author.name or post.author.handle,
        "text": text if len(text) <= SCREEN_TEXT else text[: SCREEN_TEXT - 1].rstrip() + "…",
        "from": post.get_origin_display() if post.origin != Origin.PAGE else "",
        "at": clock.to_ms(post.posted_at),
    }


def waiting(hearing: Hearing) -> QuerySet[Post]:
    """Return the posts that wait for a decision, the oldest first."""
    return posts_of(hearing).filter(state=State.WAITING).order_by("posted_at", "id")


def shown(posts: list[Post]) -> list[ShownPost]:
    """Return posts with their links and reasons, in one query at most."""
    keys = {post.reason for post in posts if post.reason}
    words = dict(Note.objects.filter(key__in=keys).values_list("key", "text")) if keys else {}
    return [ShownPost(post, pieces(post.text), words.get(post.reason, "")) for post in posts]


def matching(posts: QuerySet[Post], words: str) -> QuerySet[Post]:
    """Return the posts with `words` in their text or in the author's name or handle."""
    words = words.replace("\0", "").strip()
    if not words:
        return posts
    named = Q(author__name__icontains=words) | Q(author__handle__icontains=words)
    return posts.filter(named | Q(text__icontains=words))


def counts(hearing: Hearing) -> dict[str, int]:
    """Return the number of posts by state, in one query."""
    rows = Post.objects.filter(hearing_id=hearing.id).order_by().values_list("state")
    found = dict(rows.annotate(Count("pk")))
    return {state.value: found.get(state.value, 0) for state in State}


def blocked(hearing: Hearing) -> QuerySet[Author]:
    """Return the blocked authors, the last blocked first."""
    rows = Author.objects.filter(hearing_id=hearing.id).exclude(blocked_at=None)
    return rows.order_by("-blocked_at")


def sources(hearing: Hearing) -> QuerySet[Source]:
    """Return the sources, each with its number of posts."""
    return Source.objects.filter(hearing_id=hearing.id).annotate(number=Count("posts"))
