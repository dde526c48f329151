"""The time of a reading grows with its text, whatever the text repeats."""

from time import process_time

import pytest

from hemicycle.convening import Document, NoteBlock, read
from hemicycle.convening.dates import dates_in

SHORT, TIMES = 1_500, 6
MOST = 3 * TIMES
"""Linear growth is six times the time, quadratic thirty-six times."""
OPENING = {
    "es": "La audiencia pública sobre el agua de las personas que no se celebra en la sala.",
    "ru": "Публичные слушания по проекту и для на в с не.",
    "fr": "L'audience publique sur les eaux dans la salle des fêtes pour une.",
    "zh": "委员会收到各组织的意见并决定在会议室举行听证会。",
}
REPEATED = [
    ("es", "12, "),
    ("es", "a las 10 "),
    ("es", "Sra. "),
    ("es", "Fecha: "),
    ("ru", "10-12 "),
    ("ru", "Дата: "),
    ("ru", "Комитет по Делам "),
    ("ru", "г. "),
    ("fr", "à 10 h "),
    ("zh", "委员会收到各组织的意见并决定召开"),
]


def _seconds(code: str, unit: str, letters: int) -> float:
    blocks = (
        NoteBlock("paragraph", OPENING[code]),
        NoteBlock("paragraph", unit * (letters // len(unit))),
    )
    begun = process_time()
    read(Document(blocks))
    return process_time() - begun


@pytest.mark.parametrize(("code", "unit"), REPEATED)
def test_reading_grows_with_its_text(code: str, unit: str) -> None:
    _seconds(code, unit, 100)  # compiles the patterns
    short, long = _seconds(code, unit, SHORT), _seconds(code, unit, SHORT * TIMES)
    assert long < max(short, 0.02) * MOST


def test_dates_are_searched_once_among_numbers() -> None:
    def seconds(count: int) -> float:
        begun = process_time()
        assert dates_in(f"{'12, ' * count}.") == []
        return process_time() - begun

    seconds(10)
    assert seconds(1_200) < max(seconds(200), 0.005) * MOST
