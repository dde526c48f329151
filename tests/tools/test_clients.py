"""The measurements of `make clients`, and the page that it writes."""

import subprocess
from pathlib import Path

import pytest

from hemicycle.engine.audio.analysis import tone
from tools.clients import __main__ as clients
from tools.clients.hall import Heard, Result, strongest
from tools.clients.page import PAGE, written
from tools.clients.rows import (
    ROLES,
    TIMES,
    UNEXPLAINED,
    Found,
    Row,
    explained,
    first_line,
    table,
    worked,
)
from tools.clients.rtp import SIZE, Ear, Pictures, Sounds


@pytest.mark.parametrize(("sound", "hertz"), [(tone(660, 0.5), 660), (tone(660, 0.5) * 0, 0)])
def test_the_strongest_tone(sound: object, hertz: float) -> None:
    assert abs(strongest(sound) - hertz) < 2  # type: ignore[arg-type]


def test_what_is_sent_as_packets_is_heard_and_seen_from_packets() -> None:
    ear = Ear()
    assert ear.heard() == Heard()
    sounds, pictures = Sounds(880), Pictures()
    for source in (sounds, pictures):
        while source.at_s < 0.8:
            for packet in source.next():
                ear.take(packet.serialize())
    heard = ear.heard()
    assert heard.is_tone(880)
    assert not heard.is_tone(660)
    assert (heard.width, heard.height) == SIZE


def test_a_table_says_what_works_and_why_the_rest_does_not() -> None:
    found = {
        "speaker": worked(Result(Heard(880, 320, 180), 1.25)),
        "interpreter": Found("fails", "Silence."),
        "listener": Found("none", "No WHEP."),
    }
    expected = (
        "| **A/B**, of C | 1.2 | 2026-11-29 | works after 1.2 s, 320×180 "
        "| **fails**: Silence. We know. | — No WHEP. |"
    )
    row = Row("A|B", "of C", "1.2", "2026-11-29", found)
    assert table([explained(row, {"interpreter": "We know."})], ROLES).splitlines() == [
        "| client | version | tried on | speaker | interpreter | listener |",
        "|---|---|---|---|---|---|",
        expected,
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AssertionError("Error: It has no WebRTC\n at clients.publish"), "It has no WebRTC."),
        (TimeoutError(), "TimeoutError."),
    ],
)
def test_what_a_page_says_of_an_error_is_one_sentence(error: Exception, said: str) -> None:
    assert first_line(error) == said


def test_the_page_has_a_row_for_each_and_explains_what_fails() -> None:
    text = PAGE.read_text()
    names: list[tuple[str, tuple[str, ...]]] = [(client.name, ROLES) for client in clients.CLIENTS]
    names += [(player.name, TIMES) for player in clients.PLAYERS]
    for name, columns in names:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| **{name}**,")]
        assert row.count("|") == len(columns) + 4
    assert UNEXPLAINED not in text
    assert text == written(clients.CLIENTS, clients.PLAYERS)


def test_a_machine_without_them_installs_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    ensure = Path(clients.__file__).parents[1] / "ensure-clients"
    done = subprocess.run(
        [ensure, "pion"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "golang-go" in done.stderr
