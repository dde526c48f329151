"""Readings of the wall: what the public sees, what waits for a person."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from hemicycle.hearings.models import Hearing
from hemicycle.record.models import Note
from hemicycle.wall.models import Author, Post, Source
from hemicycle.wall.texts import Piece, pieces

State = Post.State


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as pages show it, and why it was hidden where it was."""

    post: Post
    pieces: list[Piece]
    reason: str = ""


def posts_of(hearing: Hearing) -> QuerySet[Post]:
    """All posts of a hearing that still have words, the newest first."""
    rows = Post.objects.filter(hearing_id=hearing.id).exclude(state=State.GONE)
    return rows.select_related("author", "source")


def public(hearing: Hearing) -> QuerySet[Post]:
    """What is on the wall."""
    return posts_of(hearing).filter(state=State.SHOWN, author__blocked_at=None)


def waiting(hearing: Hearing) -> QuerySet[Post]:
    """What nobody has looked at, the oldest first."""
    return posts_of(hearing).filter(state=State.WAITING).order_by("posted_at", "id")


def shown(posts: list[Post]) -> list[Shown]:
    """Posts with their links apart and their reasons: one query at most."""
    keys = {post.reason for post in posts if post.reason}
    words = dict(Note.objects.filter(key__in=keys).values_list("key", "text")) if keys else {}
    return [Shown(post, pieces(post.text), words.get(post.reason, "")) for post in posts]


def matching(posts: QuerySet[Post], words: str) -> QuerySet[Post]:
    """Those with the words in their text or in who wrote them."""
    words = words.replace("\0", "").strip()
    if not words:
        return posts
    named = Q(author__name__icontains=words) | Q(author__handle__icontains=words)
    return posts.filter(named | Q(text__icontains=words))


def counts(hearing: Hearing) -> dict[str, int]:
    """How many posts there are in each state: one query."""
    rows = Post.objects.filter(hearing_id=hearing.id).order_by().values_list("state")
    found = dict(rows.annotate(Count("pk")))
    return {state.value: found.get(state.value, 0) for state in State}


def blocked(hearing: Hearing) -> QuerySet[Author]:
    """Whose posts are not taken."""
    rows = Author.objects.filter(hearing_id=hearing.id).exclude(blocked_at=None)
    return rows.order_by("-blocked_at")


def sources(hearing: Hearing) -> QuerySet[Source]:
    """Where posts are gathered."""
    return Source.objects.filter(hearing_id=hearing.id).annotate(number=Count("posts"))
