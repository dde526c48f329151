"""The dashboard of `deploy/grafana`: each expression is valid PromQL about existing figures."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from hemicycle import metrics
from hemicycle.engine.control.figures import EngineFigures
from hemicycle.meeting.room import presses
from hemicycle.site.operating import signs_of_life
from hemicycle.site.operating.figures import SiteFigures
from hemicycle.site.operating.models import SignOfLife
from tests.deploy import alerting
from tests.deploy.alerting import RULES

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "deploy/grafana/hemicycle.json").read_text())
FIGURE = re.compile(r"\b(?:hemicycle|process)_\w+")
LABELS = re.compile(r"\{\{(\w+)\}\}")
MISSING_HERE = {
    "hemicycle_backup_age_seconds",
    "hemicycle_checkpoint_age_seconds",
    "hemicycle_clock_skew_seconds",
}
"""Figures that exist only with a backup, a checkpoint or PostgreSQL; other tests cover them."""


def expressions() -> Iterator[tuple[str, str]]:
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"], target["legendFormat"]


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    return found


def told(tmp_path: Path) -> set[str]:
    """Return the names of all figures that the two processes publish here."""
    assert presses.FIELDS  # the import declares a figure for each press
    for name in SignOfLife.Name:
        signs_of_life.give(name)
    engine = EngineFigures((), (), 1, tmp_path, ready=True, ahead_s=0.0, renewed_s=0.0)
    metrics.REQUESTS.labels(part="pages", status="2xx").observe(0.1)
    metrics.FEED_DELAY.observe(0.1)
    metrics.LOOP_LAG.observe(0.1)
    texts = [metrics.exposition(figures) for figures in (engine, SiteFigures(ready=True))]
    families = [
        family for text in texts for family in text_string_to_metric_families(text.decode())
    ]
    names = {sample.name for family in families for sample in family.samples}
    return names | {family.name for family in families}


@pytest.mark.django_db
def test_each_figure_exists(tmp_path: Path) -> None:
    known = told(tmp_path) | MISSING_HERE
    shown = [expression for expression, _legend in expressions()]
    asked = [*shown, *(rule["expr"] for rule in rules())]
    named = {name for expression in asked for name in FIGURE.findall(expression)}
    assert named - known == set()
    page = (ROOT / "docs/watching.md").read_text()
    listed = {name for name in known if name.startswith("hemicycle_")}
    ends = ("_bucket", "_sum", "_count", "_created")
    whole = {name for name in listed if not name.endswith(ends) and name != "hemicycle_presses"}
    documented = set(re.findall(r"^\| `(hemicycle_\w+)`", page, re.MULTILINE))
    assert documented == whole, "docs/watching.md lists the figures"


@pytest.mark.test_all("deployment")
@pytest.mark.skipif(
    not alerting.is_installed(), reason="there is no promtool (Debian's package prometheus)"
)
def test_each_expression_parses(tmp_path: Path) -> None:
    found = list(expressions())
    assert len(found) > 20
    file = tmp_path / "dashboard.yml"
    recorded = [
        {"record": f"dashboard:{number}", "expr": expression}
        for number, (expression, _legend) in enumerate(found)
    ]
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(found)} rules found" in done.stdout
    for expression, legend in found:
        assert all(label in expression or label == "instance" for label in LABELS.findall(legend))


def test_no_panel_hides_another() -> None:
    taken: dict[tuple[int, int], int] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["id"]) == panel["id"], panel["title"]
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
