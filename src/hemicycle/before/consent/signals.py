"""What consents ask the apps above, and tell them."""

from collections.abc import Iterable

from hemicycle.before.consent.models import Use
from hemicycle.before.registration.models import Registration
from hemicycle.record.writer import Writer
from hemicycle.signals import Signal

consent_changed = Signal[[Writer, Registration, Use, bool], None]("consent_changed")
"""Sent with (writer, registration, use, is_given) in the transaction that changes it.

A receiver makes the use begin or end: what is public of it goes at once, or is ordered to go.
"""

standing = Signal[[Registration], Iterable[tuple[Use, bool]]]("standing")
"""Sent with (registration): uses whose state another app keeps, and whether they are given."""

removals = Signal[[Registration], Iterable[str]]("removals")
"""Sent with (registration): what was removed for it, where and when, and what could not be reached.

Each answer is a sentence in the reader's language.
"""
