"""The panels of a hearing and the rules of the floor in them."""

from dataclasses import replace

from django.db.models import QuerySet

from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.procedure import Rules
from hemicycle.procedure.terms import DiscussionRule


def panels(hearing: Hearing) -> QuerySet[Segment]:
    """Return the hearing's panels in the programme's order, with their meetings and members."""
    return (
        Segment.objects.filter(meeting__hearing=hearing, kind=Segment.Kind.PANEL)
        .select_related("meeting__hearing")
        .prefetch_related("members")
    )


def segment_rules(segment: Segment) -> Rules:
    """Return the rules of the floor in a segment; only some segments allow a discussion."""
    found: dict[str, DiscussionRule] = {
        Segment.Discussion.ALLOWED: "allowed",
        Segment.Discussion.AT_ONCE: "at_once",
    }
    rules = floor_rules(segment.meeting.hearing)
    return replace(rules, discussion=found.get(segment.discussion, "off"))


def floor_rules(hearing: Hearing) -> Rules:
    """Return the hearing's rules of the floor in the form that the procedure uses."""
    return Rules(
        time_limit_ms=hearing.floor_time_limit_s * 1000,
        warning_ms=hearing.warning_s * 1000,
        extension_ms=hearing.extension_s * 1000,
        at_limit="cut" if hearing.at_limit == Hearing.AtLimit.CUT else "signal",
        grace_ms=hearing.grace_s * 1000,
        points_of_order=hearing.points_of_order,
        without_line="stop" if hearing.without_line == Hearing.WithoutLine.STOP else "run",
    )
