"""The wall's pages: for writing, for review by the secretariat, and for reading."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from django.test import Client

from hemicycle.before.registration import housekeeping
from hemicycle.hearing.setup import signals
from hemicycle.meeting.state.meeting_view import public_view
from hemicycle.meeting.wall import actions, queries, visitors
from hemicycle.meeting.wall.models import Author, Post, Source
from hemicycle.record import clock, labels
from hemicycle.record.models import Entry, Note
from tests.support.lists import World
from tests.support.markup import compact

pytestmark = pytest.mark.postgresql("ordering")


def opened(world: World, *, is_moderated: bool = True, takes_posts: bool = True) -> str:
    actions.set_up(
        hearing=world.hearing,
        is_public=True,
        takes_posts=takes_posts,
        is_moderated=is_moderated,
        actor=world.office,
    )
    return f"/h/{world.hearing.slug}/wall/"


def office(world: World) -> str:
    return f"/office/{world.hearing.slug}/wall/"


def kinds(world: World) -> list[tuple[str, str]]:
    rows = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="wall.").order_by("seq")
    return list(rows.values_list("kind", "role"))


def test_a_hearing_has_no_wall_until_somebody_opens_it(world: World) -> None:
    page = f"/h/{world.hearing.slug}/wall/"
    assert [Client().get(path).status_code for path in (page, f"{page}posts/")] == [404, 404]
    assert Client().post(page, {"text": "Hello"}).status_code == 404
    assert list(chain.from_iterable(signals.outcome_links.send(world.hearing))) == []
    opened(world, takes_posts=False)
    assert "Write on the wall" not in Client().get(page).text
    answer = Client().post(page, {"text": "Hello"})
    assert answer.status_code == 422
    assert Post.objects.count() == 0


def test_a_post_is_seen_once_somebody_let_it_through(world: World) -> None:
    page = opened(world)
    said = Client().post(page, {"name": "Ada <b>", "text": "Hello <script>x</script>"}, follow=True)
    assert "appears here once it has been approved" in said.text
    assert "Hello" not in Client().get(page).text
    (post,) = Post.objects.all()
    client = world.client()
    assert "Hello &lt;script&gt;" in client.get(office(world)).text
    answer = client.post(f"{office(world)}posts/{post.pk}/", {"do": "show"}, follow=True)
    assert "All posts have been reviewed." in answer.text
    shown = Client().get(page).text
    assert "Hello &lt;script&gt;x&lt;/script&gt;" in shown
    assert "Ada &lt;b&gt;" in shown
    assert "Hello" in Client().get(f"{page}posts/").text
    assert kinds(world) == [
        ("wall.set_up", "secretariat"),
        ("wall.posted", "system"),
        ("wall.post_shown", "secretariat"),
    ]


def test_where_the_hearing_says_so_posts_are_shown_at_once(world: World) -> None:
    page = opened(world, is_moderated=False)
    Client().post(page, {"text": "At once https://example.org/x."})
    shown = compact(Client().get(page).text)
    assert (
        '<a href="https://example.org/x" rel="external nofollow noopener noreferrer ugc"' in shown
    )
    assert "Anonymous" in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": " \n "}, "This field is required."),
        ({"text": "x" * 501}, "at most 500 characters"),
        ({"text": "x", "name": "n" * 81}, "at most 80 characters"),
        ({"text": "\u202e\u0007"}, "Write something first."),
    ],
)
def test_what_is_no_post_gets_a_sentence(world: World, fields: dict[str, str], said: str) -> None:
    answer = Client().post(opened(world), fields)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert Post.objects.count() == 0


def test_programs_and_floods_get_nowhere(world: World) -> None:
    page = opened(world)
    caught = Client().post(page, {"text": "Buy", "website": "https://spam.example"}, follow=True)
    assert (caught.status_code, Post.objects.count()) == (200, 0)
    visitor = Client()
    for _ in range(2):
        visitor.post(page, {"text": "The same words"})
    for number in range(3):
        visitor.post(page, {"text": f"Post {number}"})
    assert Post.objects.count() == 4
    answer = Client().post(page, {"text": "One more"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert "One more" in answer.text  # what was typed is kept
    elsewhere = Client(REMOTE_ADDR="198.51.100.9")
    assert elsewhere.post(page, {"text": "x" * 4_000_000}).status_code == 413


def test_many_are_let_through_or_hidden_at_once(world: World) -> None:
    page, client = opened(world), world.client()
    for number in range(4):
        Client().post(page, {"text": f"Post {number}", "name": f"P{number}"})
    ids = [str(post.pk) for post in Post.objects.order_by("posted_at", "text")]
    assert (
        "Select at least one post first."
        in client.post(f"{office(world)}many/", {"do": "show"}).text
    )
    client.post(f"{office(world)}many/", {"do": "show", "chosen": ids[:3]})
    refused = client.post(f"{office(world)}many/", {"do": "hide", "chosen": ids[:1]})
    assert (refused.status_code, "Give a reason." in refused.text) == (422, True)
    client.post(f"{office(world)}many/", {"do": "hide", "chosen": ids[:1], "reason": "Off topic"})
    states = list(Post.objects.order_by("posted_at", "text").values_list("state", flat=True))
    assert states == ["hidden", "shown", "shown", "waiting"]
    hidden = client.get(f"{office(world)}?state=hidden").text
    assert "Off topic" in hidden
    entry = Entry.objects.get(kind="wall.post_hidden")
    assert json.loads(entry.body).keys() == {"post", "note"}
    assert "Off topic" not in entry.body
    found = client.get(f"{office(world)}?state=shown&q=post+1").text
    assert ("Post 1" in found, "Post 2" in found) == (True, False)


def test_a_blocked_author_is_off_the_wall_until_let_back(world: World) -> None:
    page, client = opened(world, is_moderated=False), world.client()
    eve = Client()
    eve.post(page, {"text": "Rude words", "name": "Eve"})
    (post,) = Post.objects.all()
    client.post(f"{office(world)}posts/{post.pk}/", {"do": "block", "reason": "Rude"})
    assert "Rude words" not in Client().get(page).text
    answer = eve.post(page, {"text": "More", "name": "Eve"})
    assert "can no longer post here" in answer.text
    assert "Eve" in client.get(office(world)).text
    client.post(f"{office(world)}authors/{post.author_id}/", {"do": "unblock"})
    eve.post(page, {"text": "Kinder", "name": "Eve"})
    assert "Kinder" in Client().get(page).text
    assert "Rude words" not in Client().get(page).text


def test_another_name_in_the_same_browser_is_the_same_visitor(world: World) -> None:
    page, client = opened(world, is_moderated=False), world.client()
    eve = Client()
    for name in ("Eve", "Adam"):
        eve.post(page, {"text": f"Rude words of {name}", "name": name})
    post = Post.objects.get(author__name="Eve")
    client.post(f"{office(world)}posts/{post.pk}/", {"do": "block", "reason": "Rude"})
    assert "Rude words" not in Client().get(page).text
    answer = eve.post(page, {"text": "More", "name": "Somebody else"})
    assert (answer.status_code, "can no longer post here" in answer.text) == (422, True)
    assert [Author.objects.filter(blocked_at=None).count(), Author.objects.count()] == [0, 2]
    client.post(f"{office(world)}authors/{post.author_id}/", {"do": "unblock"})
    assert Author.objects.filter(blocked_at=None).count() == 2


def test_from_the_network_of_the_blocked_posts_wait_for_the_rest_of_the_day(world: World) -> None:
    page, client = opened(world, is_moderated=False), world.client()
    Client().post(page, {"text": "Rude words", "name": "Eve"})
    post = Post.objects.get()
    client.post(f"{office(world)}posts/{post.pk}/", {"do": "block", "reason": "Rude"})
    said = Client().post(page, {"text": "Again", "name": "New"}, follow=True)
    assert "once it has been approved" in said.text
    Client(REMOTE_ADDR="198.51.100.7").post(page, {"text": "From elsewhere"})
    states = dict(Post.objects.values_list("text", "state"))
    assert states == {"Rude words": "hidden", "Again": "waiting", "From elsewhere": "shown"}
    kept = str(list(Author.objects.values()))
    assert ("127.0.0.1" in kept, "198.51.100.7" in kept) == (False, False)
    assert visitors.forget_networks() == 0
    world.clock.advance(86_400_000)
    assert visitors.forget_networks() == 3
    Client().post(page, {"text": "The day after"})
    assert Post.objects.get(text="The day after").state == "shown"


def test_the_newest_posts_stand_beside_the_meeting(world: World) -> None:
    client, slug = world.client(), world.hearing.slug
    switch = {"screen": "hall", "on": "1"}
    client.post(f"{office(world)}screen/", switch)  # without effect: the wall is not open
    assert queries.on_screens(world.hearing.id) is None
    page = opened(world, is_moderated=False)
    for number in range(4):
        world.clock.advance(1000)
        Client().post(page, {"text": f"Post {number} " + "x" * 300, "name": f"P{number}"})
    assert queries.on_screens(world.hearing.id) is None
    client.post(f"{office(world)}screen/", switch)
    client.post(f"{office(world)}screen/", {"screen": "nowhere", "on": "1"})
    shown = queries.on_screens(world.hearing.id)
    assert shown is not None
    assert (shown["hall"], shown["live"]) == (True, False)
    assert [(post["name"], len(post["text"])) for post in shown["posts"]] == [
        *(("P3", 280), ("P2", 280), ("P1", 280)),
    ]
    assert public_view(world.hearing.id)["wall"] == shown  # type: ignore[index]
    hall, live = (compact(Client().get(f"/h/{slug}/{where}/").text) for where in ("hall", "live"))
    assert ('data-wall-screen="hall">' in hall, 'data-wall-screen="live" hidden>' in live) == (
        True,
        True,
    )
    client.post(f"{office(world)}screen/", {"screen": "live", "on": "1"})
    client.post(f"{office(world)}screen/", {"screen": "hall", "on": "0"})
    switched = Entry.objects.filter(kind="wall.screen_switched").order_by("seq")
    told = [json.loads(entry.body) for entry in switched]
    assert told == [
        {"screen": "hall", "on": 1},
        {"screen": "live", "on": 1},
        {"screen": "hall", "on": 0},
    ]
    assert labels.describe("wall.screen_switched", told[2], {}).endswith(": no.")
    [entry] = Entry.objects.filter(kind="wall.set_up")
    assert labels.describe(entry.kind, entry.fields(), {}) == (
        "The wall was set up. Public: yes. Open to visitors: yes. Moderated: no."
    )
    post = Post.objects.get(author__name="P3")
    actions.hide(posts=[post], reason="By wish", actor=world.office)
    assert [post["name"] for post in queries.on_screens(world.hearing.id)["posts"]] == [  # type: ignore[index]
        *("P2", "P1", "P0"),
    ]


def test_an_erased_author_leaves_nothing_and_the_record_stands(world: World) -> None:
    page, client = opened(world, is_moderated=False), world.client()
    Client().post(page, {"text": "My words", "name": "Ivy"})
    (post,) = Post.objects.all()
    actions.hide(posts=[post], reason="By wish", actor=world.office)
    client.post(f"{office(world)}authors/{post.author_id}/", {"do": "erase"})
    author = Author.objects.get()
    assert (author.name, author.handle, author.erased_at) == ("", "", clock.now())
    assert list(Post.objects.values_list("text", "state")) == [("", "gone")]
    assert list(Note.objects.values_list("text", flat=True)) == [""]
    assert "Ivy" not in client.get(office(world)).text


def test_the_wall_forgets_when_its_hearing_is_long_over(world: World) -> None:
    page = opened(world, is_moderated=False)
    Client().post(page, {"text": "My words", "name": "Ivy"})
    assert housekeeping.clear_hearings() == 0
    last = world.hearing.meetings.latest("ends_at").ends_at
    world.clock.move_to(clock.to_ms(last) + (world.hearing.retention_days + 3) * 86_400_000)
    housekeeping.clear_hearings()
    assert housekeeping.clear_hearings() == 0
    assert list(Author.objects.values_list("name", flat=True)) == [""]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (
            {"origin": "mastodon", "server": "https://social.example.org/", "hashtag": "#Hearing"},
            302,
        ),
        ({"origin": "bluesky", "server": "", "hashtag": "Слушания_2021"}, 302),
        ({"origin": "mastodon", "server": "", "hashtag": "x"}, 422),
        ({"origin": "mastodon", "server": "http://social.example.org", "hashtag": "x"}, 422),
        ({"origin": "mastodon", "server": "https://u:p@social.example.org", "hashtag": "x"}, 422),
        ({"origin": "mastodon", "server": "https://[bad", "hashtag": "x"}, 422),
        ({"origin": "page", "server": "https://social.example.org", "hashtag": "x"}, 422),
        ({"origin": "bluesky", "server": "", "hashtag": "two words"}, 422),
    ],
)
def test_a_source_is_a_server_and_a_tag(world: World, fields: dict[str, str], status: int) -> None:
    answer = world.client().post(f"{office(world)}sources/", fields)
    assert (answer.status_code, Source.objects.count()) == (status, int(status == 302))


def test_the_secretariat_sets_up_the_wall(world: World) -> None:
    client = world.client()
    client.post(f"{office(world)}setup/", {"is_public": "on", "takes_posts": "on"})
    wall = actions.wall_of(world.hearing)
    assert (wall.is_public, wall.takes_posts, wall.is_moderated) == (True, True, False)
    fields = {"origin": "mastodon", "server": "https://social.example.org", "hashtag": "h"}
    client.post(f"{office(world)}sources/", fields)
    Source.objects.update(problem="slow", failures=2)
    page = client.get(f"{office(world)}setup/").text
    assert "the server took too long to answer" in page
    (source,) = Source.objects.all()
    client.post(f"{office(world)}sources/{source.pk}/")
    assert Source.objects.count() == 0
