"""Statements as caption lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.engine.captions.lines import COLUMNS, caption_lines, width

LONG = (
    "Survivors told us, in every region, that shelters close before the trial begins. "
    "We ask for four things: shelter without conditions, interpreters paid by the court, and work "
    "permits that outlast the trial. Thank you."
)


def test_lines_break_where_the_voice_pauses() -> None:
    assert caption_lines(f"Mr. President.\n\n{LONG}") == [
        "Mr. President.",
        "Survivors told us, in every region,",
        "that shelters close before the trial begins.",
        "We ask for four things: shelter without conditions,",
        "interpreters paid by the court, and work permits that outlast the trial.",
        "Thank you.",
    ]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        (" \n\t\n", []),
        ("One.", ["One."]),
        ("3.5 per cent of 1,200.", ["3.5 per cent of 1,200."]),
        ("قالت الناجيات: لا مأوى. شكراً.", ["قالت الناجيات: لا مأوى. شكراً."]),
        ("人口贩运是一种犯罪。我们要求四件事。", ["人口贩运是一种犯罪。我们要求四件事。"]),
        ("x" * 80, ["x" * 74, "x" * 6]),
        ("贩" * 40, ["贩" * 37, "贩" * 3]),
    ],
)
def test_each_script_has_its_width(text: str, lines: list[str]) -> None:
    assert caption_lines(text) == lines


@given(st.text(alphabet="ab .,;:!؟،。，贩é\n\u0301", max_size=400))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str) -> None:
    lines = caption_lines(text)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(0 < width(line) <= COLUMNS or not width(line) for line in lines)
    assert all(line == line.strip() and line for line in lines)
