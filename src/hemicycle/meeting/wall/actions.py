"""Actions on the wall: set it up, post, approve, hide, and block or erase an author.

A visitor's post, and each round of gathering, is one transaction. When a post is hidden, it leaves
the wall with the transaction. A post that its author deleted, or whose author was erased, stays as
an empty row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.wall import entry_types, texts, visitors
from hemicycle.meeting.wall.models import Author, Origin, Post, Source, Wall, WallScreen
from hemicycle.meeting.wall.visitors import key_of
from hemicycle.record import clock, erasure, writer

State = Post.State
LONGEST = 500
"""The maximum length of a post that is written here, in characters."""
LONGEST_NAME = 80
LONGEST_REASON = 500
MOST_SOURCES = 8
GATHERER = writer.Actor.system("wall")
VISITOR = writer.Actor.system("visitor")


class WallRefused(Exception):
    """The wall refuses the action; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Arrived:
    """A post as its origin describes it; `ref` and `author` are the origin's ids."""

    ref: str
    author: str
    name: str
    handle: str
    text: str
    url: str
    language: str
    posted_at: datetime


def wall_of(hearing: Hearing) -> Wall:
    """Return a hearing's wall; one that was never set up is closed."""
    found = Wall.objects.filter(pk=hearing.id).first()
    return found or Wall(hearing_id=hearing.id)


def set_up(
    *,
    hearing: Hearing,
    is_public: bool,
    takes_posts: bool,
    is_moderated: bool,
    actor: writer.Actor,
) -> None:
    """Open or close a hearing's wall, for readers and for writers."""
    wanted = {"is_public": is_public, "takes_posts": takes_posts, "is_moderated": is_moderated}
    with writer.writing(hearing.id, actor=actor) as record:
        Wall.objects.update_or_create(hearing_id=hearing.id, defaults=wanted)
        record.append(entry_types.SET_UP, wanted)


def switch(*, hearing: Hearing, screen: WallScreen, on: bool, actor: writer.Actor) -> None:
    """Show or stop showing the newest posts on a screen of the meeting, at once.

    Raises `WallRefused` for a wall that the public does not see.
    """
    field = "in_hall" if screen == WallScreen.HALL else "on_live"
    with writer.writing(hearing.id, actor=actor) as record:
        wall = wall_of(hearing)
        if on and not wall.is_public:
            raise WallRefused(_("Make the wall public first."))
        if getattr(wall, field) == on:
            return
        setattr(wall, field, on)
        wall.save(update_fields=[field])
        record.append(entry_types.SCREEN_SWITCHED, {"screen": screen.value, "on": on})


def add_source(
    *, hearing: Hearing, origin: str, server: str, hashtag: str, actor: writer.Actor
) -> Source:
    """Add a server from which posts with a hashtag are gathered. Raises `WallRefused`."""
    with writer.writing(hearing.id, actor=actor) as record:
        own = Source.objects.filter(hearing_id=hearing.id)
        same = own.filter(origin=origin, server=server, hashtag=hashtag).first()
        if same is not None:
            return same
        if own.count() >= MOST_SOURCES:
            sentence = _(
                "Posts already come from %(most)d sources, which is the maximum. "
                "Remove one of them first."
            )
            raise WallRefused(sentence % {"most": MOST_SOURCES})
        made = Source.objects.create(
            hearing_id=hearing.id,
            origin=origin,
            server=server,
            hashtag=hashtag,
            due_at=clock.from_ms(record.now),
        )
        record.append(entry_types.SOURCE_ADDED, {"source": made.id.hex, "origin": origin})
    return made


def remove_source(*, source: Source, actor: writer.Actor) -> None:
    """Remove a source; its posts stay."""
    with writer.writing(source.hearing_id, actor=actor) as record:
        number, _rows = Source.objects.filter(pk=source.pk).delete()
        if number:
            record.append(entry_types.SOURCE_REMOVED, {"source": source.id.hex})


def write(
    *, hearing: Hearing, name: str, text: str, caller: str, language: str, network: str = ""
) -> Post:
    """Save a visitor's post, or return an earlier one with the same text from the same browser.

    `caller` identifies the browser, and `network` is its address; only hashes of them are stored. A
    post from the network of a person who was blocked today always waits for a moderator. Raises
    `WallRefused` if the wall is closed, the text is empty or too long, or the author is blocked,
    also under another name.
    """
    text, name = texts.tidy(text, LONGEST + 1), texts.line(name, LONGEST_NAME)
    if not text:
        raise WallRefused(_("Write something first."))
    if len(text) > LONGEST:
        sentence = _("A post has at most %(most)d characters.")
        raise WallRefused(sentence % {"most": LONGEST})
    with writer.writing(hearing.id, actor=VISITOR) as record:
        wall = wall_of(hearing)
        if not (wall.is_public and wall.takes_posts):
            raise WallRefused(_("The wall is not accepting posts now."))
        author_key = key_of(hearing.id, Origin.PAGE, caller, name)
        near = visitors.told(hearing.id, caller, network, clock.from_ms(record.now).date())
        if near.is_blocked():
            raise WallRefused(_("You can no longer post here."))
        author = near.keep(_author(hearing.id, Origin.PAGE, author_key, name, ""))
        origin_id = key_of(hearing.id, Origin.PAGE, author_key, text)
        if same := Post.objects.filter(hearing_id=hearing.id, origin_id=origin_id).first():
            return same
        now = clock.from_ms(record.now)
        post = Post.objects.create(
            hearing_id=hearing.id,
            author=author,
            origin=Origin.PAGE,
            origin_id=origin_id,
            text=text,
            language=language,
            state=State.WAITING if wall.is_moderated or near.is_suspect() else State.SHOWN,
            posted_at=now,
            arrived_at=now,
        )
        record.append(entry_types.POSTED, {"post": post.id.hex, "author": author.id.hex})
    return post


def _author(hearing_id: UUID, origin: str, key: str, name: str, handle: str) -> Author:
    author, made = Author.objects.get_or_create(
        hearing_id=hearing_id,
        origin=origin,
        key=key,
        defaults={"name": name, "handle": handle},
    )
    if not made and author.erased_at is None and (author.name, author.handle) != (name, handle):
        author.name, author.handle = name, handle
        author.save(update_fields=["name", "handle"])
    return author


def take(
    *, source: Source, arrived: Sequence[Arrived], seen: Mapping[UUID, str] = MappingProxyType({})
) -> list[Post]:
    """Save the posts of a round of gathering; return the new ones.

    A known post gets its new text, and waits again if the wall is moderated. Posts of blocked and
    erased authors are skipped. `seen` has the posts that were looked up again, by id, with their
    present text; "" for posts that their authors have deleted.
    """
    if not (arrived or seen):
        return []
    with writer.writing(source.hearing_id, actor=GATHERER) as record:
        if not Source.objects.filter(pk=source.pk).exists():
            return []
        wall = Wall.objects.filter(pk=source.hearing_id).first() or Wall()
        first = State.WAITING if wall.is_moderated else State.SHOWN
        now = clock.from_ms(record.now)
        new = [post for fetched in arrived if (post := _take(source, fetched, first, now))]
        went = _look_again(seen, first, now)
        if new or went:
            body = {"source": source.id.hex, "posts": len(new), "gone": went}
            record.append(entry_types.GATHERED, body)
    return new


def _take(source: Source, fetched: Arrived, first: str, now: datetime) -> Post | None:
    origin_id = key_of(source.hearing_id, source.origin, fetched.ref)
    there = Post.objects.filter(
        hearing_id=source.hearing_id, origin=source.origin, origin_id=origin_id
    ).first()
    if there is not None:
        _amend(there, fetched.text, first, now)
        return None
    author_key = key_of(source.hearing_id, source.origin, fetched.author)
    author = _author(source.hearing_id, source.origin, author_key, fetched.name, fetched.handle)
    if author.blocked_at or author.erased_at or not fetched.text:
        return None
    return Post.objects.create(
        hearing_id=source.hearing_id,
        author=author,
        source=source,
        origin=source.origin,
        origin_id=origin_id,
        origin_ref=fetched.ref,
        url=fetched.url,
        text=fetched.text,
        language=fetched.language,
        state=first,
        posted_at=min(fetched.posted_at, now),
        arrived_at=now,
        checked_at=now,
    )


def _amend(post: Post, text: str, first: str, now: datetime) -> None:
    """Update a post that is known already and whose text may have changed."""
    post.checked_at = now
    fields = ["checked_at"]
    if text and post.text and text != post.text:
        post.text = text
        post.state = first if post.state == State.SHOWN else post.state
        fields += ["text", "state"]
    post.save(update_fields=fields)


def _look_again(seen: Mapping[UUID, str], first: str, now: datetime) -> int:
    """Update posts that were looked up again, empty deleted ones; return how many were deleted."""
    rows = Post.objects.filter(pk__in=[*seen]).exclude(state=State.GONE)
    for post in rows:
        if seen[post.pk]:
            _amend(post, seen[post.pk], first, now)
    gone = [pk for pk, text in seen.items() if not text]
    return rows.filter(pk__in=gone).update(text="", url="", origin_ref="", state=State.GONE)


def let_through(*, posts: Sequence[Post], actor: writer.Actor) -> int:
    """Put posts on the wall, except deleted ones and those of blocked authors.

    Returns how many were not on the wall before.
    """
    with writer.writing(posts[0].hearing_id, actor=actor) as record:
        due = _of(posts).filter(state__in=(State.WAITING, State.HIDDEN)).exclude(text="")
        ids = list(due.filter(author__blocked_at=None).values_list("pk", flat=True))
        Post.objects.filter(pk__in=ids).update(state=State.SHOWN, reason="")
        for pk in ids:
            record.append(entry_types.SHOWN, {"post": pk.hex})
    return len(ids)


def hide(*, posts: Sequence[Post], reason: str, actor: writer.Actor) -> int:
    """Hide posts for a reason; return how many.

    Raises `WallRefused` without a reason.
    """
    reason = _reason(reason)
    with writer.writing(posts[0].hearing_id, actor=actor) as record:
        due = _of(posts).filter(state__in=(State.WAITING, State.SHOWN))
        ids = list(due.values_list("pk", flat=True))
        for pk in ids:
            note = record.note(reason)
            Post.objects.filter(pk=pk).update(state=State.HIDDEN, reason=note)
            record.append(entry_types.HIDDEN, {"post": pk.hex, "note": note})
    return len(ids)


def _of(posts: Sequence[Post]) -> QuerySet[Post]:
    return Post.objects.filter(pk__in=[post.pk for post in posts], hearing_id=posts[0].hearing_id)


def _reason(typed: str) -> str:
    reason = " ".join(typed.split())[:LONGEST_REASON]
    if not reason:
        raise WallRefused(_("Give a reason. It is saved in the record."))
    return reason


def block(*, author: Author, reason: str, actor: writer.Actor) -> None:
    """Block an author, under any name used in the same browser, and remove all their posts.

    Raises `WallRefused` without a reason.
    """
    reason = _reason(reason)
    with writer.writing(author.hearing_id, actor=actor) as record:
        for same in visitors.same(author).filter(blocked_at=None):
            same.blocked_at = clock.from_ms(record.now)
            same.save(update_fields=["blocked_at"])
            note = record.note(reason)
            record.append(entry_types.BLOCKED, {"author": same.id.hex, "note": note})
            posts = list(same.posts.filter(state__in=(State.WAITING, State.SHOWN)))
            if posts:
                hide(posts=posts, reason=reason, actor=actor)
    author.refresh_from_db(fields=["blocked_at"])


def unblock(*, author: Author, actor: writer.Actor) -> None:
    """Unblock an author under all names; hidden posts stay hidden."""
    with writer.writing(author.hearing_id, actor=actor) as record:
        for same in visitors.same(author).exclude(blocked_at=None):
            same.blocked_at = None
            same.save(update_fields=["blocked_at"])
            record.append(entry_types.UNBLOCKED, {"author": same.id.hex})
    author.refresh_from_db(fields=["blocked_at"])


def erase(*, author: Author, actor: writer.Actor) -> None:
    """Erase an author and all their posts; later rounds of gathering do not restore them."""
    with writer.writing(author.hearing_id, actor=actor) as record:
        author.refresh_from_db()
        if author.erased_at:
            return
        posts = author.posts.all()
        for key in posts.exclude(reason="").values_list("reason", flat=True):
            erasure.erase_note(record, key)
        number = posts.update(text="", url="", origin_ref="", language="", state=State.GONE)
        author.name = author.handle = author.network = ""
        author.erased_at = clock.from_ms(record.now)
        author.save(update_fields=["name", "handle", "network", "erased_at"])
        record.append(entry_types.ERASED, {"author": author.id.hex, "posts": number})
