"""One clock in three places: the procedure, the picture and the browser give the same answers."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hemicycle.engine.overlays import BurntClock
from hemicycle.procedure.clock import HolderClock
from tools.frontend import find_node

VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("clock_vectors.json").read_text("utf-8")
)
MODULE = Path(__file__).parents[2] / "src/hemicycle/ui/static/js/clock-state.js"
ANSWERS = ("phase", "left", "warning", "cut_at", "word")
WORDS = ("ready", "speaking", "warning", "time", "stopped")
"""The phases, given to a clock as its words, so that its word is the name of its phase."""

RUN = """
const clock = await import(process.argv[1]);
let text = "";
for await (const chunk of process.stdin) text += chunk;
const answers = JSON.parse(text).map(({ rules, holder, now }) => {
  const state = { ...rules, ...holder, running: holder.running_since_ms !== null };
  const phase = clock.phaseAt(state, now);
  return {
    phase,
    left: clock.shownAt(state, now),
    warning: clock.isWarning(state, now),
    cut_at: clock.cutAt(state),
    word: clock.wordOf(phase),
  };
});
console.log(JSON.stringify(answers));
"""


def expected(vector: dict[str, Any]) -> dict[str, Any]:
    return {name: vector[name] for name in ANSWERS}


def clock_of(vector: dict[str, Any]) -> HolderClock:
    return HolderClock(**vector["holder"], **vector["rules"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_procedure(vector: dict[str, Any]) -> None:
    clock, now = clock_of(vector), vector["now"]
    phase = clock.phase(now)
    assert expected(vector) == {
        "phase": phase,
        "left": clock.figures(now),
        "warning": phase == "warning",
        "cut_at": clock.cut_at,
        "word": clock.word(now),
    }


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_picture(vector: dict[str, Any]) -> None:
    words = {f"clock.{phase}": phase for phase in WORDS}
    face, now = BurntClock.of(clock_of(vector), words), vector["now"]
    phase = face.phase(now)
    assert (phase, face.figures(now)) == (vector["phase"], vector["left"])
    assert f"clock.{face.word(phase)}" == vector["word"]


def test_the_browsers_module() -> None:
    node, _ = find_node()
    ran = subprocess.run(
        [node, "--input-type=module", "--eval", RUN, MODULE.as_uri()],
        input=json.dumps(VECTORS),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    answers = json.loads(ran.stdout)
    assert [expected(vector) for vector in VECTORS] == answers
