"""After the meeting: interventions and the changeovers before them, as a picture and a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.urls import reverse

from hemicycle.outcome.summary import actions, pictures
from hemicycle.outcome.summary.participation import panel_outcomes
from hemicycle.ui import times
from tests.support.markup import compact

if TYPE_CHECKING:
    from tests.support.finished import Finished


def test_each_who_spoke_has_a_row_with_both_times(finished: Finished) -> None:
    outcomes = panel_outcomes(finished.world.hearing)
    heard = {outcome.segment.pk: outcome.delivered for outcome in outcomes if outcome.delivered}
    found = {segment.pk: picture for segment, picture in pictures.speaking_times(outcomes)}
    assert found.keys() == heard.keys()
    for pk, turns in heard.items():
        *rows, total = found[pk].rows
        assert [row[0] for row in rows] == [
            turn.inscription.registration.organization.name for turn in turns
        ]
        assert [row[1] for row in rows] == [times.duration(turn.used_ms) for turn in turns]
        changeovers = [turn.changeover_ms for turn in turns]
        assert [row[2] for row in rows] == [times.duration(ms or 0) for ms in changeovers]
        assert total[1] == times.duration(sum(turn.used_ms for turn in turns))
        assert found[pk].svg.count("<rect") == 2 * len(turns)


def test_a_changeover_that_nobody_measured_is_no_figure(finished: Finished) -> None:
    outcome = next(one for one in panel_outcomes(finished.world.hearing) if one.delivered)
    turn = replace(outcome.delivered[0], changeover_ms=None)
    ((_segment, picture),) = pictures.speaking_times([replace(outcome, turns=(turn,))])
    assert picture.rows[0][2] == pictures.UNKNOWN
    assert picture.rows[-1][1:3] == (times.duration(turn.used_ms), "0:00")


def test_the_page_of_coverage_shows_them(finished: Finished) -> None:
    actions.draft(hearing=finished.world.hearing, actor=finished.world.office)
    where = reverse("summary:coverage", args=(finished.world.hearing.slug,))
    page = compact(finished.world.client().get(where).text)
    assert "Speaking time and changeovers" in page
    assert "The numbers as a table" in page
