"""A site on three PostgreSQL servers loses nothing when one is killed, run by the benchmark."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tools.frontend import ROOT

pytestmark = pytest.mark.test_all("deployment")

NEEDED = ("patroni", "etcd")


@pytest.mark.alone
@pytest.mark.skipif(
    os.name != "posix" or any(shutil.which(name) is None for name in NEEDED),
    reason="needs Debian's patroni and etcd-server",
)
def test_nothing_is_lost_when_the_primary_is_killed_in_a_panel() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "failover"],
        cwd=ROOT,
        env=os.environ | {"FAILOVER_FIGURES": "s", "FAILOVER_SPEAKERS": "40"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    names = ("lost", "changed", "twice", "verifies", "receipts", "refused")
    assert {name: figures[name] for name in names} == {
        "lost": 0,
        "changed": 0,
        "twice": 0,
        "verifies": True,
        "receipts": 5,
        "refused": 0,
    }
    assert figures["s"] <= 10
