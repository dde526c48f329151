"""Form fields for minutes, in several notations, and for languages."""

import pytest
from django import forms
from django.http import QueryDict
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.hearing.setup.form_fields import MinutesField, as_minutes
from hemicycle.hearing.setup.forms import FactsForm, MemberRow

FIELD = MinutesField(most_s=7200)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("3", 180), ("2:30", 150), ("2.5", 150), ("2,25", 135), (" 8 ", 480), ("", None), ("0", 0)],
)
def test_minutes_become_seconds(typed: str, seconds: int | None) -> None:
    assert FIELD.clean(typed) == seconds


@pytest.mark.parametrize("typed", ["many", "-1", "2:75", "1:2:3", "٣", "180:0000", "2.555", "1e3"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match="such as 3 or 2:30"):
        FIELD.clean(typed)


def test_seconds_typed_by_mistake_are_refused() -> None:
    with override("en"), pytest.raises(forms.ValidationError, match="more than 120 minutes"):
        FIELD.clean("480")


@given(st.integers(0, 7200))
def test_what_is_shown_reads_back(seconds: int) -> None:
    assert FIELD.clean(as_minutes(seconds)) == seconds


def test_a_row_with_the_usual_limit_alone_is_blank() -> None:
    assert MemberRow(QueryDict("m-limit_seconds=8"), prefix="m").blank
    assert not MemberRow(QueryDict("m-limit_seconds=9"), prefix="m").blank


def offered(form: FactsForm) -> list[str]:
    return [tag for tag, _label in form.fields["languages"].choices]  # type: ignore[attr-defined]


def test_the_hearings_languages_come_first_and_keep_their_order() -> None:
    shown = FactsForm(prefix="facts", initial={"languages": ["sw", "fr"]})
    assert offered(shown) == ["sw", "fr", "ar", "zh", "en", "ru", "es"]
    sent = FactsForm(QueryDict("facts-languages=fr&facts-languages=sw"), prefix="facts")
    assert offered(sent)[:2] == ["fr", "sw"]
    assert sent.is_valid()
    assert sent.value()["languages"] == ["fr", "sw"]
