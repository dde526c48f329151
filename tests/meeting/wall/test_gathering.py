"""Posts from origins, gathered over real HTTP from a server that speaks both protocols."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.test import override_settings
from django_tasks_db.models import DBTaskResult

from hemicycle.meeting.wall import actions, gathering
from hemicycle.meeting.wall.models import Author, Post, Source
from hemicycle.record import clock
from hemicycle.record.models import Entry
from tests.meeting.wall.fake_origins import FakeOrigins, running
from tests.support.lists import World


@pytest.fixture
def origins() -> Iterator[FakeOrigins]:
    with override_settings(REACH_PRIVATE_NETWORKS=True), running() as found:
        yield found


def source(world: World, origins: FakeOrigins, origin: str) -> Source:
    return actions.add_source(
        hearing=world.hearing,
        origin=origin,
        server=origins.url,
        hashtag="Hearing",
        actor=world.office,
    )


def again(world: World, made: Source, after: timedelta = gathering.EVERY * 2) -> int:
    """Gather again after a while, and return how many posts are new."""
    world.clock.advance(int(after.total_seconds() * 1000))
    made.refresh_from_db()
    return gathering.gather_from(made)


def texts(**wanted: str) -> list[str]:
    rows = Post.objects.filter(**wanted).order_by("posted_at")
    return list(rows.values_list("text", flat=True))


def test_nothing_is_asked_until_somebody_sets_it_up(world: World) -> None:
    assert (gathering.gather_due(), Source.objects.count()) == (0, 0)
    gathering.schedule()
    assert not DBTaskResult.objects.exists()


def test_mastodon_is_read_page_by_page_and_nothing_twice(
    world: World, origins: FakeOrigins
) -> None:
    for number in range(100):
        origins.toot(number, f"<p>Toot {number}</p>", by=f"person{number % 7}")
    made = source(world, origins, "mastodon")
    assert gathering.gather_from(made) == 100  # three pages of at most 40, from the newest back
    assert [
        address.partition("?")[2].partition("&")[2].split("=")[0] for address in origins.asked
    ] == [
        *("", "max_id", "max_id"),
    ]
    origins.asked.clear()
    origins.page = 10
    for number in range(100, 135):
        origins.toot(number, f"<p>Toot {number}</p>")
    assert again(world, made) == 35
    forward = [address for address in origins.asked if "timelines" in address]
    assert len(forward) == 5  # four pages with posts, and an empty one
    assert all("min_id" in address for address in forward)
    assert again(world, made) == 0
    assert texts() == [f"Toot {number}" for number in range(135)]
    assert {post.state for post in Post.objects.all()} == {"waiting"}
    assert Author.objects.count() == 8


def test_bluesky_is_read_by_cursors_and_nothing_twice(world: World, origins: FakeOrigins) -> None:
    origins.page = 20
    for number in range(50):
        origins.skeet(number, f"Skeet {number}")
    made = source(world, origins, "bluesky")
    assert gathering.gather_from(made) == 50
    assert ["cursor" in address for address in origins.asked] == [False, True, True]
    assert "q=%23Hearing" in origins.asked[0]
    origins.skeet(50, "Skeet 50")
    origins.asked.clear()
    assert again(world, made) == 1
    assert "since=2021-07-01T08" in origins.asked[-1]
    assert texts() == [f"Skeet {number}" for number in range(51)]


def test_what_comes_is_text_with_links_written_out(world: World, origins: FakeOrigins) -> None:
    origins.toot(
        1,
        "<p>Hello <b>all</b> &lt;script&gt;<script>alert(1)</script><br>"
        '<a href="https://example.org/a/long/path"><span class="invisible">https://</span>'
        '<span class="ellipsis">example.org/a</span></a> <a href="https://x.example/tags/H">#H</a>'
        '<img src="https://x.example/pixel.png"> <a href="javascript:alert(1)">click</a></p>',
        spoiler_text="about <things>",
    )
    text = "See example.org/a… ünd"
    start = len(b"See ")
    origins.skeet(
        2,
        text,
        facets=[
            {
                "index": {"byteStart": start, "byteEnd": start + len("example.org/a…".encode())},
                "features": [
                    {
                        "$type": "app.bsky.richtext.facet#link",
                        "uri": "https://example.org/a/b",
                    }
                ],
            }
        ],
    )
    for origin in ("mastodon", "bluesky"):
        gathering.gather_from(source(world, origins, origin))
    assert texts() == [
        "[about <things>] Hello all <script>\nhttps://example.org/a/long/path #H click",
        "See https://example.org/a/b ünd",
    ]


def test_what_is_not_public_or_not_whole_is_passed_over(world: World, origins: FakeOrigins) -> None:
    origins.toot(1, "<p>For friends</p>", visibility="private")
    origins.toot(2, "<p>No author</p>", account=None)
    origins.toot(3, "<p>No time</p>", created_at="yesterday")
    origins.toot(4, "<p>Good</p>", display_name="x" * 5000)
    origins.toot(5, "<p></p>")
    origins.toot(6, "<div>" * 3000 + "deep")
    made = source(world, origins, "mastodon")
    gathering.gather_from(made)
    assert texts() == ["Good", "deep"]
    made.refresh_from_db()
    assert (made.problem, made.failures) == ("", 0)


@pytest.mark.parametrize("origin", ["mastodon", "bluesky"])
def test_what_its_author_deletes_leaves_the_wall(
    world: World, origins: FakeOrigins, origin: str
) -> None:
    if origin == "mastodon":
        gone, kept = origins.toot(1, "<p>Gone</p>"), origins.toot(2, "<p>Kept</p>")
    else:
        gone, kept = origins.skeet(1, "Gone"), origins.skeet(2, "Kept")
    made = source(world, origins, origin)
    gathering.gather_from(made)
    actions.let_through(posts=list(Post.objects.all()), actor=world.office)
    for rows in (origins.statuses, origins.records):
        rows.pop(gone, None)
    again(world, made)
    assert texts(state="shown") == ["Kept"]
    assert list(Post.objects.filter(state="gone").values_list("text", "url", "origin_ref")) == [
        ("", "", "")
    ]
    entry = Entry.objects.filter(kind="wall.gathered").latest("seq")
    assert json.loads(entry.body) == {"gone": 1, "posts": 0, "source": made.id.hex}
    assert kept


def test_new_words_of_a_post_on_the_wall_wait_again(world: World, origins: FakeOrigins) -> None:
    ref = origins.toot(1, "<p>First</p>")
    made = source(world, origins, "mastodon")
    gathering.gather_from(made)
    actions.let_through(posts=list(Post.objects.all()), actor=world.office)
    origins.statuses[ref]["content"] = "<p>Second</p>"
    again(world, made)
    assert list(Post.objects.values_list("text", "state")) == [("Second", "waiting")]


def test_nobody_comes_back_after_they_were_blocked_or_erased(
    world: World, origins: FakeOrigins
) -> None:
    for number, by in enumerate(("ada", "eve", "ivy")):
        origins.toot(number, f"<p>{by}</p>", by=by)
    made = source(world, origins, "mastodon")
    gathering.gather_from(made)
    eve, ivy = Author.objects.get(name="Eve"), Author.objects.get(name="Ivy")
    actions.block(author=eve, reason="Spam", actor=world.office)
    actions.erase(author=ivy, actor=world.office)
    for number, by in enumerate(("ada", "eve", "ivy"), start=10):
        origins.toot(number, f"<p>{by} again</p>", by=by)
    origins.statuses = dict(origins.statuses)
    Source.objects.update(mark="")  # everything is read again
    assert again(world, made) == 1
    assert texts(state="waiting") == ["ada", "ada again"]
    ivy.refresh_from_db()
    assert (ivy.name, ivy.handle, ivy.posts.get().text) == ("", "", "")


TROUBLES = {
    "limited": (429, {"Retry-After": "600"}, b""),
    "closed": (401, {}, b"{}"),
    "failing": (503, {}, b"<html>"),
    "odd": (200, {}, b"<html>not json"),
    "long": (200, {}, b"[" + b" " * (3 * 2**20) + b"]"),
}


@pytest.mark.parametrize("origin", ["mastodon", "bluesky"])
def test_a_server_in_trouble_is_asked_less_often_and_then_again(
    world: World, origins: FakeOrigins, origin: str
) -> None:
    made, waits = source(world, origins, origin), {}
    origins.toot(1, "<p>There</p>")
    origins.skeet(1, "There")
    for code, trouble in [
        *TROUBLES.items(),
        ("odd ", (200, {}, b'{"posts": 7}')),
        ("odd", (302, {"Location": "/"}, b"")),
    ]:
        origins.trouble = trouble
        gathering.gather_from(made)
        made.refresh_from_db()
        assert made.problem == code.strip()
        waits[code] = (made.due_at - clock.now()).total_seconds()
    assert waits["limited"] == 600  # as the server demands
    assert waits["closed"] == 120
    assert waits["failing"] == 240
    assert waits["odd "] == 1800  # at most half an hour
    origins.trouble = None
    assert gathering.gather_due() == 0
    assert again(world, made, timedelta(minutes=31)) == 1
    made.refresh_from_db()
    assert (made.problem, made.failures) == ("", 0)


def test_a_date_to_come_again_is_understood_and_has_an_end(
    world: World, origins: FakeOrigins
) -> None:
    made = source(world, origins, "mastodon")
    for seconds, wanted in ((900, 900), (10**6, 3600), (-50, 60)):
        at = clock.now() + timedelta(seconds=seconds)
        origins.trouble = (429, {"Retry-After": format_datetime(at, usegmt=True)}, b"")
        Source.objects.update(failures=0)
        made.refresh_from_db()
        gathering.gather_from(made)
        made.refresh_from_db()
        assert abs((made.due_at - clock.now()).total_seconds() - wanted) <= 2


@override_settings(REACH_PRIVATE_NETWORKS=False)
def check_nothing_private(world: World, origins: FakeOrigins) -> None:
    port = origins.url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"):
        origins.url = f"http://{host}:{port}"
        made = source(world, origins, "mastodon")
        gathering.gather_from(made)
        made.refresh_from_db()
        assert (host, made.problem) == (host, "unreachable")
        Source.objects.all().delete()


def test_no_private_address_is_asked(world: World, origins: FakeOrigins) -> None:
    check_nothing_private(world, origins)
    assert origins.asked == []


def test_a_server_that_is_not_there_is_told_so(world: World, origins: FakeOrigins) -> None:
    origins.url = "http://127.0.0.1:1"
    made = source(world, origins, "bluesky")
    gathering.gather_from(made)
    made.refresh_from_db()
    assert (made.problem, made.failures) == ("unreachable", 1)


def test_the_worker_comes_again_as_long_as_there_is_a_source(
    world: World, origins: FakeOrigins
) -> None:
    origins.toot(1, "<p>There</p>")
    made = source(world, origins, "mastodon")
    gathering.gather.func()
    assert texts() == ["There"]
    assert DBTaskResult.objects.count() == 1
    gathering.schedule()
    assert DBTaskResult.objects.count() == 1
    DBTaskResult.objects.all().delete()
    actions.remove_source(source=made, actor=world.office)
    gathering.gather.func()
    assert (DBTaskResult.objects.count(), texts()) == (0, ["There"])


def test_two_hearings_keep_their_posts_apart(world: World, origins: FakeOrigins) -> None:
    from hemicycle.hearing.setup import actions as hearings
    from tests.support.lists import REFERENCE

    origins.toot(1, "<p>There</p>")
    other = hearings.convene(REFERENCE, slug="another", publish=True)
    for hearing in (world.hearing, other):
        made = actions.add_source(
            hearing=hearing,
            origin="mastodon",
            server=origins.url,
            hashtag="Hearing",
            actor=world.office,
        )
        assert gathering.gather_from(made) == 1
    assert Post.objects.filter(hearing_id=other.id).count() == 1
