"""Signals of consents to the apps above."""

from collections.abc import Iterable

from hemicycle.before.consent.models import Use
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

consent_changed = Signal[[Writer, Registration, Use, bool], None]("consent_changed")
"""Sent with (writer, registration, use, is_given) in the transaction that changes the consent.

A receiver starts or ends the use. When it ends, a receiver removes published material at once, or
orders its removal.
"""

seat_consent_changed = Signal[[Writer, Hearing, set[str], Use, bool], None]("seat_consent_changed")
"""Sent with (writer, hearing, slots, use, is_given) for seats on panels, like `consent_changed`."""

standing = Signal[[Registration], Iterable[tuple[Use, bool]]]("standing")
"""Sent with (registration) to ask for uses that another app stores, and whether they are given."""

removals = Signal[[Hearing, set[str]], Iterable[str]]("removals")
"""Sent with (hearing, slots) to ask what was removed of them, where and when, or not reached.

Each answer is a sentence in the reader's language.
"""
