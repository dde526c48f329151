"""How a statement's publication and a participant's consent to it are one fact."""

from collections.abc import Iterable

from hemicycle.before.consent.models import Use
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions
from hemicycle.before.statements.models import Statement
from hemicycle.record.writer import Writer


def standing(registration: Registration) -> Iterable[tuple[Use, bool]]:
    """Yield whether any of their statements may be published, if there is one."""
    said = list(
        Statement.objects.filter(registration=registration).values_list(
            "consents_to_publish", flat=True
        )
    )
    if said:
        yield Use.STATEMENT, any(said)


def follow(record: Writer, registration: Registration, use: Use, is_given: bool) -> None:
    """Publish their statements once released, or take them out of the library."""
    if use == Use.STATEMENT:
        for statement in Statement.objects.filter(registration=registration):
            actions.set_consent(statement=statement, publish=is_given, actor=record.actor)
