"""Webhooks and a real receiver: each entry once, signed, again until accepted, and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import hmac
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.site.api.models import Delivery, Webhook
from hemicycle.site.api.webhooks import actions, courier, payload, record_follower, sending
from tests.site.api.receiver import (
    Behave,
    Receiver,
    endless,
    listening,
    raw,
    status,
    trickle,
)
from tests.site.api.support import validate
from tests.support.lists import reference_world
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import Settings

    from tests.support.lists import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None, settings: Settings) -> Iterator[World]:
    settings.DEBUG = True  # allows plain HTTP on this machine
    with reference_world() as world:
        yield world


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def _add(world: World, receiver: Receiver, *kinds: str) -> Webhook:
    return actions.add(
        hearing=world.hearing, url=receiver.url, kinds_told=list(kinds), actor=world.office
    )


def _carry() -> None:
    asyncio.run(courier.deliver_all())


def _carry_on(world: World, rounds: int = 1, wait_s: int = 0) -> None:
    for _round in range(rounds):
        _carry()
        world.clock.advance(wait_s * 1000)


def test_each_entry_comes_once_signed_and_as_described(world: World, receiver: Receiver) -> None:
    webhook = _add(world, receiver)
    row = world.ngo("Open Doors", 0)
    _carry_on(world, 3)
    rows = Entry.objects.filter(hearing=world.hearing.id, seq__gt=webhook.position)
    rows = rows.order_by("seq")
    assert rows.count() >= 2
    came = sorted(receiver.got, key=lambda one: one.said["data"]["seq"])
    assert [one.said["data"]["seq"] for one in came] == [entry.seq for entry in rows]
    for got in came:
        validate({"$ref": "#/components/schemas/Told"}, got.said)
        _check_signature(webhook, got.headers, got.body)
    first = came[0].said
    assert (first["type"], first["hearing"], first["data"]["seq"]) == (
        "registration.received",
        world.hearing.slug,
        row.arrival,
    )
    assert len({one.headers["webhook-id"] for one in came}) == len(came)
    assert b"Open Doors" not in b"".join(one.body for one in came)


def _check_signature(webhook: Webhook, headers: dict[str, str], body: bytes) -> None:
    """Check the signature as a receiver does, which has only the secret."""
    key = base64.b64decode(payload.secret_of(webhook).removeprefix("whsec_"))
    assert len(key) == 32
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - clock.now_ms() // 1000) <= 5


def test_the_signature_is_that_of_the_published_example() -> None:
    signature = payload.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_is_told_of_its_kinds_only(world: World, receiver: Receiver) -> None:
    _add(world, receiver, "registration.decided")
    world.ngo("Open Doors", 0)
    _carry()
    assert receiver.got == []
    assert Delivery.objects.count() == 0


def test_what_is_not_taken_is_sent_again_under_the_same_id(
    world: World, receiver: Receiver
) -> None:
    _add(world, receiver, "registration.received")
    receiver.behave = status(503, "try later")
    world.ngo("Open Doors")
    _carry_on(world, 2)
    one = Delivery.objects.get()
    assert (one.state, one.attempts, one.status, one.problem, one.answer) == (
        "waiting",
        1,
        503,
        "refused",
        "try later",
    )
    assert one.next_at - clock.now() == timedelta(seconds=record_follower.WAITS_S[0])
    world.clock.advance(record_follower.WAITS_S[0] * 1000)
    receiver.behave = status(200, "thank you")
    _carry_on(world, 2)
    one.refresh_from_db()
    assert (one.state, one.attempts, one.status, one.problem) == ("delivered", 2, 200, "")
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1
    assert len(receiver.got) == 2


BAD: dict[str, tuple[Behave, str, int | None]] = {
    "garbage": (raw(b"\x00\xff not HTTP at all\r\n\r\n"), "garbage", None),
    "hangs up": (raw(b""), "unreachable", None),
    "trickles": (trickle(5), "time-out", None),
    "redirects": (status(302, Location="http://127.0.0.1/other"), "redirect", 302),
    "refuses": (status(422, "no\0"), "refused", 422),
    "fails": (status(500, "x" * 9000), "refused", 500),
    "long header": (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20_000 + b"\r\n\r\n"), "garbage", None),
}


@pytest.mark.parametrize("how", BAD)
def test_a_receiver_that_misbehaves_is_noted(
    world: World, receiver: Receiver, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.behave, problem, code = BAD[how]
    if problem == "time-out":  # all others answer, even if a busy machine needs longer
        monkeypatch.setattr(sending, "TOTAL_S", 0.6)
    _add(world, receiver, "registration.received")
    world.ngo("Open Doors")
    _carry()
    one = Delivery.objects.get()
    assert (one.state, one.problem, one.status) == ("waiting", problem, code)
    assert len(one.answer) <= sending.MOST_READ
    assert len(receiver.got) == 1
    assert Webhook.objects.get().failing_since is not None


def test_an_endless_answer_is_read_no_further_than_it_need_be(
    world: World, receiver: Receiver
) -> None:
    receiver.behave = endless
    _add(world, receiver, "registration.received")
    world.ngo("Open Doors")
    _carry()
    one = Delivery.objects.get()
    assert (one.state, one.answer) == ("delivered", "x" * sending.MOST_READ)


def test_nobody_there(world: World, receiver: Receiver) -> None:
    webhook = _add(world, receiver, "registration.received")
    Webhook.objects.filter(pk=webhook.pk).update(url=f"http://127.0.0.1:{free_port()}/")
    world.ngo("Open Doors")
    _carry()
    assert Delivery.objects.values_list("problem", flat=True).get() == "unreachable"


@pytest.mark.alone
def test_a_slow_receiver_holds_up_nobody_else(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TOTAL_S", 1.5)
    with listening(trickle(3)) as slow:
        _add(world, slow, "registration.received")
        _add(world, receiver, "registration.received")
        world.ngo("Open Doors")
        took: list[float] = []

        async def timed() -> None:
            loop = asyncio.get_running_loop()
            begun = loop.time()
            carrying = asyncio.create_task(courier.deliver_all())
            while not receiver.got:  # noqa: ASYNC110 - the receiver is a thread of its own
                await asyncio.sleep(0.02)
            took.append(loop.time() - begun)
            await carrying

        asyncio.run(timed())
    assert took[0] < 1.2
    assert sorted(Delivery.objects.values_list("problem", flat=True)) == ["", "time-out"]


def test_a_webhook_that_fails_for_days_is_switched_off_and_goes_on_where_it_stopped(
    world: World, receiver: Receiver
) -> None:
    webhook = _add(world, receiver, "registration.received")
    receiver.behave = status(500)
    world.ngo("First")
    for wait_s in record_follower.WAITS_S:
        _carry_on(world, 1, wait_s)
    webhook.refresh_from_db()
    assert webhook.disabled_at is None
    world.clock.advance(2 * 86_400_000)
    _carry()
    webhook.refresh_from_db()
    assert webhook.disabled_at == clock.now()
    off = Entry.objects.get(hearing=world.hearing.id, kind="webhook.switched_off")
    assert (off.actor, off.fields()) == ("system:webhooks", {"webhook": webhook.id.hex})
    page = world.client().get(f"/office/{world.hearing.slug}/").content.decode()
    assert "A webhook is switched off" in page
    tried = len(receiver.got)
    receiver.behave = status(200)
    _carry_on(world, 2, 86_400)
    assert len(receiver.got) == tried
    actions.switch_on(webhook=webhook, actor=world.office)
    _carry_on(world, 2)
    assert Delivery.objects.filter(state="delivered").count() == Delivery.objects.count() == 1
    assert len(receiver.got) == tried + 1


def test_what_happens_while_it_is_off_comes_when_it_is_on_again(
    world: World, receiver: Receiver
) -> None:
    webhook = _add(world, receiver, "registration.received")
    actions.switch_off(webhook=webhook, actor=world.office)
    rows = [world.ngo(name) for name in ("First", "Second")]
    _carry_on(world, 2)
    assert receiver.got == []
    actions.switch_on(webhook=webhook, actor=world.office)
    _carry_on(world, 2)
    assert sorted(got.said["data"]["seq"] for got in receiver.got) == [row.arrival for row in rows]


def test_a_receiver_that_says_it_is_gone_is_left_alone(world: World, receiver: Receiver) -> None:
    webhook = _add(world, receiver, "registration.received")
    receiver.behave = status(410)
    world.ngo("Open Doors")
    _carry()
    webhook.refresh_from_db()
    assert webhook.disabled_at is not None


def test_a_worker_that_dies_in_between_loses_nothing_and_two_double_nothing(
    world: World, receiver: Receiver
) -> None:
    _add(world, receiver, "registration.received")
    world.ngo("Open Doors")
    assert record_follower.make_out() == 1
    assert record_follower.make_out() == 0
    (taken,) = record_follower.take_due(set())  # the worker dies after this
    assert record_follower.take_due(set()) == []
    _carry()
    assert receiver.got == []
    world.clock.advance(int(record_follower.LEASE.total_seconds() * 1000))
    _carry()
    assert [got.headers["webhook-id"] for got in receiver.got] == [f"msg_{taken.pk.hex}"]


def test_a_record_that_is_far_ahead_is_followed_to_its_end(
    world: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_follower, "BATCH", 2)
    webhook = _add(world, receiver)
    for number in range(3):
        world.ngo(f"Organization {number}", 0)
    _carry_on(world, 8)
    last = Entry.objects.filter(hearing=world.hearing.id).latest("seq").seq
    came = sorted(got.said["data"]["seq"] for got in receiver.got)
    assert came == list(range(webhook.position + 1, last + 1))


def test_a_message_is_sent_once_more_when_somebody_asks(world: World, receiver: Receiver) -> None:
    _add(world, receiver, "registration.received")
    world.ngo("Open Doors")
    _carry()
    one = Delivery.objects.get()
    actions.send_again(delivery=one, actor=world.office)
    _carry()
    assert [got.headers["webhook-id"] for got in receiver.got] == [f"msg_{one.pk.hex}"] * 2
    entry = Entry.objects.get(hearing=world.hearing.id, kind="webhook.sent_again")
    assert (entry.actor, entry.fields()["entry"]) == (world.secretary.id.hex, one.seq)


def test_another_secret_signs_from_then_on(world: World, receiver: Receiver) -> None:
    webhook = _add(world, receiver, "registration.received")
    before = payload.secret_of(webhook)
    actions.renew(webhook=webhook, actor=world.office)
    assert payload.secret_of(webhook) != before
    world.ngo("Open Doors")
    _carry()
    _check_signature(webhook, receiver.got[0].headers, receiver.got[0].body)


def test_what_was_taken_is_forgotten_after_a_month(world: World, receiver: Receiver) -> None:
    _add(world, receiver, "registration.received")
    world.ngo("Open Doors")
    _carry()
    assert record_follower.prune() == 0
    world.clock.advance(31 * 86_400_000)
    assert record_follower.prune() == 1


def test_the_worker_carries_what_the_site_writes(world: World, receiver: Receiver) -> None:
    """Run the courier as the worker does: the record wakes it, and it ends with the worker."""
    _add(world, receiver, "registration.received")
    finish = courier.start()
    time.sleep(0.3)
    world.ngo("Open Doors")
    for _wait in range(200):
        if receiver.got:
            break
        time.sleep(0.05)
    finish()
    assert "courier" not in {thread.name for thread in threading.enumerate()}
    assert [got.said["type"] for got in receiver.got] == ["registration.received"]
    connection.close()
