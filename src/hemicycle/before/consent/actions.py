"""Giving and withdrawing a consent."""

from hemicycle.before.consent import entry_types, queries, signals
from hemicycle.before.consent.models import Consent, Use
from hemicycle.before.registration import changes
from hemicycle.before.registration.models import Registration
from hemicycle.record import clock, writer
from hemicycle.record.writer import Actor


def change(*, registration: Registration, use: Use, is_given: bool, actor: Actor) -> bool:
    """Give or withdraw a consent, with all effects; return whether that changed anything.

    Return False if the consent is in that state already, or the use does not apply.
    """
    with writer.writing(registration.hearing_id, actor=actor) as record:
        current = changes.current_of(registration)
        standing = {line.use: line.is_given for line in queries.lines(current)}
        if standing.get(use, is_given) == is_given:
            return False
        kind = entry_types.GIVEN if is_given else entry_types.WITHDRAWN
        entry = record.append(kind, {"registration": current.id.hex, "use": use.value})
        Consent.objects.update_or_create(
            registration=current,
            use=use,
            defaults={"is_given": is_given, "changed_at": clock.now(), "seq": entry.seq},
        )
        if use == Use.LIST:
            current.consents_to_list = is_given
            current.save(update_fields=("consents_to_list",))
        signals.consent_changed.send(record, current, use, is_given)
    return True
