"""Signals of consents to the apps above."""

from collections.abc import Iterable

from hemicycle.before.consent.models import Use
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

consent_changed = Signal[[Writer, Registration, Use, bool], None]("consent_changed")
"""Sent with (writer, registration, use, is_given) in the transaction that changes it.

A receiver starts or ends the use: published material of it is removed at once, or its removal is
ordered.
"""

seat_consent_changed = Signal[[Writer, Hearing, set[str], Use, bool], None]("seat_consent_changed")
"""Sent with (writer, hearing, slots, use, is_given) for seats on panels, as `consent_changed`."""

standing = Signal[[Registration], Iterable[tuple[Use, bool]]]("standing")
"""Sent with (registration): uses whose state another app stores, and whether they are given."""

removals = Signal[[Hearing, set[str]], Iterable[str]]("removals")
"""Sent with (hearing, slots): what was removed of them, where and when, and what could not be
reached.

Each answer is a sentence in the reader's language.
"""
