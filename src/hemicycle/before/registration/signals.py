"""Signals of registrations to the apps above.

Every signal with a writer, and `pre_accept`, is sent inside the hearing's transaction
(`record.writer.writing`): the changes and entries of a receiver are committed with the action that
sent the signal, or not at all, and an exception undoes the action. All other writers wait in the
meantime, so a receiver does only what needs the lock.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.signals import PageLink
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a participant should do next: a sentence, the button that leads there, and the deadline.

    `starts_at` is when the meeting begins that the participant waits for; `more` are further pages.
    """

    text: str
    button: PageLink | None = None
    by: datetime | None = None
    starts_at: datetime | None = None
    more: tuple[PageLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A part of a page: heading, template, the template's context, its place.

    The template finds its context under the name `card`. `step` is what the participant still has
    to do about the card: the personal page begins with the first step of its cards.
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    step: NextStep | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """The merging of two registrations: `kept` stays and `left` ends.

    `places` are the places on lists that `kept` has afterwards. `survivors` maps the id of each
    place that ends to the place in the same panel that stays.
    """

    kept: Registration
    left: Registration
    places: frozenset[UUID]
    survivors: Mapping[UUID, UUID]


registration_submitted = Signal[[Writer, Registration, Cleaned], None]("registration_submitted")
"""Sent with (writer, registration, cleaned) when a registration is received and inscribed.

It is not confirmed yet: nothing of it may be published or mailed before it is confirmed.
"""

registration_confirmed = Signal[[Writer, Registration], None]("registration_confirmed")
"""Sent with (writer, registration) after a registration is confirmed and its status is set."""

link_revoked = Signal[[Writer, Registration], None]("link_revoked")
"""Sent with (writer, registration) after a personal link is revoked and its entry is appended."""

registration_withdrawn = Signal[[Writer, Registration, tuple[UUID, ...]], None](
    "registration_withdrawn"
)
"""Sent with (writer, registration, segment ids) when places are withdrawn.

If the whole registration is withdrawn, the ids are those of all its panels, and none if it asked
for none; `registration.is_live` says whether it is still active.
"""

registrations_merged = Signal[[Writer, Merge], None]("registrations_merged")
"""Sent with (writer, merge) after places, waiting requests and co-signers have moved.

Receivers move whatever belongs to a place or to `merge.left`. `registration_withdrawn` for
`merge.left` is sent afterwards.
"""

merge_effects = Signal[[Merge], list[str]]("merge_effects")
"""Sent with (merge) before anything changes: sentences about what will move and what will not."""

speaker_replaced = Signal[[Writer, Registration, Person, Person], None]("speaker_replaced")
"""Sent with (writer, registration, before, after): another person speaks for the organization."""

registration_admitted = Signal[[Writer, Registration], None]("registration_admitted")
"""Sent with (writer, registration) when a confirmed registration on the waiting list gets a
place.
"""

registration_released = Signal[[Writer, Registration], None]("registration_released")
"""Sent with (writer, registration) when the secretariat releases an imported registration.

From then on, letters about it may be sent automatically.
"""

pre_accept = Signal[[list[Registration], str], None]("pre_accept")
"""Sent with (registrations, reason) before the secretariat accepts these registrations.

A receiver raises `RegistrationRefused` if one of them may not be accepted; nothing is then changed.
"""

registration_decided = Signal[[Writer, Registration], None]("registration_decided")
"""Sent with (writer, registration) when the secretariat has decided; see `registration.status`.

It is sent after `registration_withdrawn` for the panels that a refusal withdraws, and after an
acceptance has restored places.
"""

registration_corrected = Signal[[Writer, Registration], None]("registration_corrected")
"""Sent with (writer, registration) when details changed, such as the intervention's `language`."""

alias_changed = Signal[[Writer, Registration], None]("alias_changed")
"""Sent with (writer, registration) when its alias was set, changed or removed.

It is also sent when the alias has to replace other names than before, since texts may contain the
earlier ones.
"""

personal_cards = Signal[[HttpRequest, Registration], Card | None]("personal_cards")
"""Sent with (request, registration): a card of the personal page, or None to show nothing.

For addresses under `/my/<secret>/`, the secret is `request.resolver_match.kwargs["secret"]`.
"""

staff_cards = Signal[[HttpRequest, Registration], Card | None]("staff_cards")
"""Sent with (request, registration): a card of the secretariat's page about one registration."""

request_texts = Signal[[list[UUID]], Mapping[UUID, str]]("request_texts")
"""Sent with (registration ids): what each has written about its subject, in plain text.

It is used to compare requests. Only the secretariat sees the result: which requests are alike, and
which words they share.
"""

daily_chores = Signal[[], int]("daily_chores")
"""Sent without arguments once a day by housekeeping, outside any transaction.

Each receiver deletes what is due or sends due reminders, and returns the number.
"""

stored_bytes = Signal[[Registration], int]("stored_bytes")
"""Sent with (registration): how many bytes of files the receiver's app keeps for it."""

erasing_many = Signal[[UUID], AbstractContextManager[None]]("erasing_many")
"""Sent with (hearing id) before several people are erased one after the other.

The context manager that a receiver returns is entered before the first person and left after the
last, so that an app can do some work once per run instead of for each person.
"""
