"""How questions join the registration's turn."""

from hemicycle.hearings.models import Segment
from hemicycle.questions import actions
from hemicycle.record.gate import Writer
from hemicycle.registration.cleaned import Cleaned
from hemicycle.registration.models import Registration


def take(record: Writer, registration: Registration, cleaned: Cleaned) -> None:
    """Take the question that came with a registration's form, if there is one."""
    if not cleaned.question:
        return
    panel = cleaned.question_segment
    segment = Segment.objects.filter(pk=panel).first() if panel else None
    actions.put(
        registration=registration, text=cleaned.question, segment=segment, actor=record.actor
    )
