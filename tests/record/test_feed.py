"""The feed on a real server: resumed by number, closed to strangers, restored after a kill."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from hemicycle.record import feed, writer
from hemicycle.record.hub import BACKLOG
from tests.support.feed import Listener
from tests.support.site import Site

pytestmark = pytest.mark.postgresql("notifications")

WHO = writer.Actor("a" * 32, "secretariat")


@pytest.fixture
def hearing(transactional_db: None) -> UUID:
    hearing = uuid4()
    writer.begin(hearing)
    return hearing


@pytest.fixture
def listen(site: Site, hearing: UUID) -> Iterator[type]:
    opened: list[Listener] = []

    def open_listener(after: int | None = None) -> Listener:
        token = feed.token(hearing, feed.ENTRIES)
        url = f"{site.url}/feed/{hearing.hex}/entries?token={token}"
        opened.append(Listener(url, after))
        return opened[-1]

    yield open_listener  # type: ignore[misc]
    for listener in opened:
        listener.close()


def append(hearing: UUID, count: int) -> None:
    for _ in range(count):
        with writer.writing(hearing, actor=WHO) as record:
            record.append("record.begun", {"format": "test"})


def test_entries_arrive_in_order_as_they_are_committed(listen: type, hearing: UUID) -> None:
    listener = listen(0)
    append(hearing, 3)
    assert [event.id for event in listener.take(3)] == [1, 2, 3]


def test_a_listener_resumes_behind_what_it_has(listen: type, hearing: UUID) -> None:
    append(hearing, 5)
    assert [event.id for event in listen(2).take(3)] == [3, 4, 5]


def test_a_backlog_longer_than_memory_is_read_from_the_record(listen: type, hearing: UUID) -> None:
    with writer.writing(hearing, actor=WHO) as record:
        for _ in range(BACKLOG * 2 + 10):
            record.append("record.begun", {"format": "test"})
    first = listen(0)
    count = BACKLOG * 2 + 10
    assert [event.id for event in first.take(count)] == list(range(1, count + 1))
    append(hearing, 1)
    assert first.next().id == count + 1


def test_a_killed_server_comes_back_and_nobody_misses_an_entry(
    site: Site, listen: type, hearing: UUID
) -> None:
    listener = listen(0)
    append(hearing, 1)
    seen = listener.next().id
    site.kill()
    append(hearing, 2)
    site.start()
    assert [event.id for event in listen(seen).take(2)] == [2, 3]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feed/{hearing}/entries", 403),
        ("/feed/{hearing}/entries?token=garbage", 403),
        ("/feed/{hearing}/public?after=-1", 200),
        ("/feed/{hearing}/public?after=99999999999999999999999", 200),
        ("/feed/{hearing}/nobody", 404),
        ("/feed/not-a-hearing/public", 404),
        ("/feed/", 404),
    ],
)
def test_strangers_and_garbage_get_an_answer(
    site: Site, hearing: UUID, path: str, status: int
) -> None:
    listener = Listener(site.url + path.format(hearing=hearing.hex))
    assert listener.status == status
    listener.close()


def test_a_token_opens_its_own_hearing_only(site: Site, hearing: UUID) -> None:
    token = feed.token(uuid4(), feed.ENTRIES)
    listener = Listener(f"{site.url}/feed/{hearing.hex}/entries?token={token}")
    assert listener.status == 403
    listener.close()


def test_the_public_cannot_take_the_connections_of_seats_and_staff(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each class has its own connections; one too many is refused and asked to try again later."""
    monkeypatch.setattr(feed, "most", lambda listeners: 3)
    monkeypatch.setattr(feed, "hub", SimpleNamespace(refuses=lambda _target: False))
    held = asyncio.Event()

    async def follow(*_given: object) -> None:
        await held.wait()

    async def welcome(*_given: object) -> bool:
        return True

    monkeypatch.setattr(feed, "_follow", follow)
    monkeypatch.setattr(feed, "_is_welcome", welcome)
    hearing = uuid4()

    async def ask(audience: str) -> int:
        answered: list[int] = []

        async def send(message: feed.Message) -> None:
            answered.append(message.get("status", 0))

        async def receive() -> feed.Message:
            return {"type": "http.disconnect"}

        path, _, query = feed.address(hearing, audience).partition("?")
        scope = {"path": path, "query_string": query.encode(), "method": "GET", "headers": []}
        await feed.app(scope, receive, send)
        return answered[0] if answered else 200

    async def crowd() -> list[int]:
        asking = [asyncio.create_task(ask("public")) for _ in range(5)]
        asking += [asyncio.create_task(ask(name)) for name in ("seat", "room", feed.ENTRIES)]
        await asyncio.sleep(0.01)
        held.set()
        return [*await asyncio.gather(*asking), await ask("public")]

    assert asyncio.run(crowd()) == [200, 200, 200, 503, 503, 200, 200, 200, 200]
