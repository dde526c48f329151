"""The time of a reading grows linearly with the text, even if the text repeats itself."""

from collections import Counter
from time import process_time
from types import ModuleType
from typing import Any

import pytest

from hemicycle.convening import Document, NoteBlock, dates, hours
from hemicycle.convening.dates import dates_in
from hemicycle.convening.document import LONGEST
from hemicycle.convening.fields import deadlines
from hemicycle.convening.reading import read

LETTERS, MOST_TIMES = 12_000, 8
"""The length of the repetitive text, and how often on average each letter may be searched."""
MOST = 18
"""For a text six times as long, linear growth is 6 times the time, quadratic growth 36 times."""
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
    ("es", "hasta el 5 de mayo de 2026 "),
    ("ru", "до 5 мая 2026 года "),
    ("ru", "10-12 "),
    ("ru", "Дата: "),
    ("ru", "Комитет по Делам "),
    ("ru", "г. "),
    ("fr", "à 10 h "),
    ("zh", "委员会收到各组织的意见并决定召开"),
]


@pytest.mark.parametrize(("code", "unit"), REPEATED)
def test_each_letter_is_searched_a_few_times(
    code: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: Counter[str] = Counter()
    longest: Counter[str] = Counter()

    def count(module: ModuleType, name: str) -> None:
        function, asked = getattr(module, name).__wrapped__, set()

        def counting(*arguments: Any) -> Any:
            text = arguments[-1]
            # The functions cache their results, so a repeated call searches nothing.
            if arguments not in asked:
                asked.add(arguments)
                searched[name] += len(text)
                longest[name] = max(longest[name], len(text))
            return function(*arguments)

        monkeypatch.setattr(module, name, counting)

    count(dates, "_dates_in")
    count(hours, "_hours_in")
    count(deadlines, "_kind")
    text = unit * (LETTERS // len(unit))
    read(Document((NoteBlock("paragraph", OPENING[code]), NoteBlock("paragraph", text))))
    assert max(searched.values()) < MOST_TIMES * LETTERS
    assert max(longest["_dates_in"], longest["_hours_in"]) <= LONGEST


def test_dates_are_searched_once_among_numbers() -> None:
    def seconds(count: int) -> float:
        begun = process_time()
        assert dates_in(f"{'12, ' * count}.") == []
        return process_time() - begun

    seconds(10)
    assert seconds(1_200) < max(seconds(200), 0.005) * MOST
