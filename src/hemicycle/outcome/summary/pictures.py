"""Charts for after a meeting: how long each speaker spoke, and the changeover before."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from hemicycle.hearing.setup.models import Segment
from hemicycle.outcome.summary.participation import PanelOutcome, SpeakerOutcome
from hemicycle.ui import times
from hemicycle.ui.charts import Bar, ChartRow, Picture, bars, parts

UNKNOWN = "–"
"""The sign for an unknown changeover: of a first speaker, or after a question."""


def speaking_times(outcomes: Iterable[PanelOutcome]) -> Iterator[tuple[Segment, Picture]]:
    """Yield in order each panel in which someone spoke from the floor, with its picture."""
    for outcome in outcomes:
        if turns := outcome.delivered:
            yield outcome.segment, _picture(outcome.segment, turns)


def _picture(segment: Segment, turns: list[SpeakerOutcome]) -> Picture:
    used = [turn.used_ms for turn in turns]
    changeovers = [turn.changeover_ms or 0 for turn in turns]
    widths = parts([*used, *changeovers])
    figures = [(times.duration(turn.used_ms), _changeover(turn)) for turn in turns]
    names = [turn.inscription.registration.public_organization for turn in turns]
    rows = [
        ChartRow(
            name,
            (Bar(widths[at], figures[at][0]), Bar(widths[len(turns) + at], figures[at][1])),
        )
        for at, name in enumerate(names)
    ]
    series = (_("speaking time"), _("changeover before"))
    svg = bars(f"times-{segment.pk.hex}", segment.title, series, rows)
    whole = (times.duration(sum(used)), times.duration(sum(changeovers)))
    table = [
        (name, *said, times.duration(turn.limit_ms))
        for name, said, turn in zip(names, figures, turns, strict=True)
    ]
    head = (_("Speaker"), *series, _("time limit"))
    return Picture(svg, head, (*table, (_("All together"), *whole, "")))


def _changeover(turn: SpeakerOutcome) -> str:
    return UNKNOWN if turn.changeover_ms is None else times.duration(turn.changeover_ms)
