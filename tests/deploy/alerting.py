"""Evaluates the alerts in `deploy/` on scraped figures with Prometheus's own `promtool`."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

RULES = Path(__file__).parents[2] / "deploy/prometheus/alerts.yml"
JOBS = ("hemicycle-web", "hemicycle-media")
STEP_S = 15
PHASE_MINUTES = 4
"""Longer than any `for` of a rule; shorter than the window in which presses are counted."""
FIRING = 'group by (alertname) (ALERTS{alertstate="firing"})'

type Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def is_installed() -> bool:
    """Return whether `promtool` from Debian's package `prometheus` is installed."""
    return shutil.which("promtool") is not None


@dataclass(frozen=True)
class Phase:
    """A phase in which each scrape of a job finds the same text (None: the job does not answer)."""

    scraped: Mapping[str, bytes | None]
    firing: Sequence[str] = ()
    """Exactly the alerts that fire at the end of the phase."""

    def series(self) -> Series:
        """Return the value of each sample by name and labels, as Prometheus stores it."""
        found: Series = {}
        for job, text in self.scraped.items():
            labels = {"job": job, "instance": "127.0.0.1:1"}
            found["up", _sorted(labels)] = float(text is not None)
            for sample in _samples(text):
                found[sample.name, _sorted(labels | sample.labels)] = sample.value
        return found


def _samples(text: bytes | None) -> Iterator[Sample]:
    for family in text_string_to_metric_families((text or b"").decode()):
        yield from family.samples


def _sorted(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def check(folder: Path, phases: Sequence[Phase]) -> None:
    """Fail unless exactly the alerts of each phase fire at its end."""
    test = {
        "interval": f"{STEP_S}s",
        "input_series": list(_input(phases)),
        "promql_expr_test": [
            {
                "expr": FIRING,
                "eval_time": f"{PHASE_MINUTES * (number + 1)}m",
                "exp_samples": [
                    {"labels": f'{{alertname="{name}"}}', "value": 1} for name in phase.firing
                ],
            }
            for number, phase in enumerate(phases)
        ],
    }
    told = {"rule_files": [str(RULES)], "evaluation_interval": f"{STEP_S}s", "tests": [test]}
    file = folder / "alerts_test.yml"
    file.write_text(yaml.safe_dump(told))
    done = subprocess.run(
        ["promtool", "test", "rules", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _input(phases: Sequence[Phase]) -> Iterator[dict[str, str]]:
    told = [phase.series() for phase in phases]
    for name, labels in sorted({key for series in told for key in series}):
        written = ",".join(f"{label}={json.dumps(value)}" for label, value in labels)
        values = [series.get((name, labels)) for series in told]
        yield {"series": f"{name}{{{written}}}", "values": " ".join(_values(values))}


def _values(phases: Iterable[float | None]) -> Iterator[str]:
    """Yield one value for each scrape, in promtool's notation.

    The first scrape, at 0, has no value, so that the last scrape of a phase has the value of the
    phase.
    """
    steps = PHASE_MINUTES * 60 // STEP_S
    yield from ("_",)
    for value in phases:
        # A series that a scrape no longer has is marked as stale.
        yield f"stale _x{steps - 2}" if value is None else f"{_number(value)}x{steps - 1}"


def _number(value: float) -> str:
    return {float("inf"): "Inf", float("-inf"): "-Inf"}.get(value, f"{value:.15g}")
