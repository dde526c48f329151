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
    """What a participant is to do: a sentence, the button that leads there, and by when.

    `starts_at` is when the meeting begins that they wait for; `more` are further pages.
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
    to do about it: the personal page begins with the first of its cards' steps.
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    step: NextStep | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """Two registrations of which `kept` stays and `left` ends.

    `places` are the places on lists that `kept` has then; `survivors` leads from the id of each
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
"""Sent with (writer, registration) when a registration was confirmed, its status settled."""

link_revoked = Signal[[Writer, Registration], None]("link_revoked")
"""Sent with (writer, registration) when a personal link was revoked, and its entry appended."""

registration_withdrawn = Signal[[Writer, Registration, tuple[UUID, ...]], None](
    "registration_withdrawn"
)
"""Sent with (writer, registration, segment ids) when places are withdrawn.

The ids are those of all the registration's panels if all of it is withdrawn, and none if it asked
for none; `registration.is_live` says whether it still takes part.
"""

registrations_merged = Signal[[Writer, Merge], None]("registrations_merged")
"""Sent with (writer, merge) when places, waiting requests and co-signers have moved.

What belongs to a place or to `merge.left` moves with it. `registration_withdrawn` for `merge.left`
follows.
"""

merge_effects = Signal[[Merge], list[str]]("merge_effects")
"""Sent with (merge) before anything is changed: what will move and what will not, in sentences."""

speaker_replaced = Signal[[Writer, Registration, Person, Person], None]("speaker_replaced")
"""Sent with (writer, registration, before, after): another person speaks for the organization."""

registration_admitted = Signal[[Writer, Registration], None]("registration_admitted")
"""Sent with (writer, registration) when a confirmed registration on the waiting list gets a
place.
"""

registration_released = Signal[[Writer, Registration], None]("registration_released")
"""Sent with (writer, registration) when the secretariat lets an imported registration be written
to: from now on letters about it may go out by themselves.
"""

pre_accept = Signal[[list[Registration], str], None]("pre_accept")
"""Sent with (registrations, reason) before the secretariat accepts these registrations.

A receiver raises `RegistrationRefused` where one of them may not be accepted; nothing is then
changed.
"""

registration_decided = Signal[[Writer, Registration], None]("registration_decided")
"""Sent with (writer, registration) when the secretariat has decided; see `registration.status`.

It comes after `registration_withdrawn` for the panels from which a refusal removes it, and
after an acceptance has given places back.
"""

registration_corrected = Signal[[Writer, Registration], None]("registration_corrected")
"""Sent with (writer, registration) when details changed, perhaps the intervention's `language`."""

alias_changed = Signal[[Writer, Registration], None]("alias_changed")
"""Sent with (writer, registration) when its alias was set, changed or removed.

Also when an alias replaces another name than before: texts may contain the earlier one.
"""

personal_cards = Signal[[HttpRequest, Registration], Card | None]("personal_cards")
"""Sent with (request, registration): a card of the personal page; None for nothing to show.

For addresses under `/my/<secret>/`, the secret is `request.resolver_match.kwargs["secret"]`.
"""

staff_cards = Signal[[HttpRequest, Registration], Card | None]("staff_cards")
"""Sent with (request, registration): a card of the secretariat's page about one registration."""

request_texts = Signal[[list[UUID]], Mapping[UUID, str]]("request_texts")
"""Sent with (registration ids): what each has written about its subject, in plain text.

Only the secretariat sees the result: whose requests are alike, and by which words.
"""

daily_chores = Signal[[], int]("daily_chores")
"""Sent with nothing, once a day, by housekeeping, outside any transaction.

Each receiver deletes or reminds what is due and returns the number.
"""

stored_bytes = Signal[[Registration], int]("stored_bytes")
"""Sent with (registration): how many bytes of files the receiver's app keeps for it."""

erasing_many = Signal[[UUID], AbstractContextManager[None]]("erasing_many")
"""Sent with (hearing id) before several people are erased one after the other.

The context manager that a receiver returns is entered before the first and left after the last, so
that an app can do once per run what it need not do for each person.
"""
