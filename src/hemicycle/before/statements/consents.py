"""A statement's publication and its author's consent to it, which are kept the same."""

from collections.abc import Iterable

from hemicycle.before.consent.models import Use
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions
from hemicycle.before.statements.models import Statement
from hemicycle.record.writer import Writer


def standing(registration: Registration) -> Iterable[tuple[Use, bool]]:
    """Yield whether any statement of the participant may be published, if there is one."""
    said = list(
        Statement.objects.filter(registration=registration).values_list(
            "consents_to_publish", flat=True
        )
    )
    if said:
        yield Use.STATEMENT, any(said)


def follow(record: Writer, registration: Registration, use: Use, is_given: bool) -> None:
    """Publish the participant's statements once released, or remove them from the library."""
    if use == Use.STATEMENT:
        for statement in Statement.objects.filter(registration=registration):
            actions.set_consent(statement=statement, publish=is_given, actor=record.actor)
