"""Rows of forms: what few hearings need is folded away until it has a value or an error."""

from django.http import QueryDict

from hemicycle.hearing.setup.forms import SegmentRow


def names(row: SegmentRow) -> tuple[set[str], set[str]]:
    seen = {cell.field.name for cell in row.cells()}
    return seen, {cell.field.name for cell in row.folded_cells()}


def test_every_field_is_in_sight_or_folded() -> None:
    row = SegmentRow(prefix="row", initial={"title": "Panel 1"})
    seen, folded = names(row)
    assert folded == SegmentRow.folded
    assert {"kind", "title", "starts", "ends"} <= seen
    assert (seen | folded, seen & folded) == (set(row.fields), set())


def test_it_is_unfolded_once_something_in_it_says_something_or_is_wrong() -> None:
    def unfolded(**initial: object) -> bool:
        return SegmentRow(prefix="row", initial={"title": "Panel 1", **initial}).unfolded

    assert not unfolded()
    assert not unfolded(discussion="off", waiting_list=False, public_delay_seconds=None)
    assert unfolded(discussion="allowed")
    assert unfolded(waiting_list=True)
    assert unfolded(public_delay_seconds=0)
    wrong = SegmentRow(QueryDict("row-title=Panel&row-public_delay_seconds=soon"), prefix="row")
    assert wrong.unfolded
    assert not SegmentRow(QueryDict("row-title=Panel&row-discussion=off"), prefix="row").unfolded
