"""How questions join the registration's turn."""

from hemicycle.before.questions import actions
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.setup.models import Segment
from hemicycle.record.writer import Writer


def take(record: Writer, registration: Registration, cleaned: Cleaned) -> None:
    """Take the question that came with a registration's form, if there is one."""
    if not cleaned.question:
        return
    panel = cleaned.question_segment
    segment = Segment.objects.filter(pk=panel).first() if panel else None
    actions.put(
        registration=registration, text=cleaned.question, segment=segment, actor=record.actor
    )
