"""`hemicycle verify` prints its messages in the language that its reader chose, for all six."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from hemicycle.record import portable, speech, verify
from tests.record.log.test_receipt_command import TRUSTED, receipt
from tests.record.test_verify import archive, chain, json_lines

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["receipt"]  # a fixture

ENGLISH = re.compile(
    r"\b(?:the|of|and|with|was|were|has|have|not|entries|entry|file|hearing|line|missing|broken"
    r"|signed|key that|from|its|holds?|verified|checkpoint|show|help|usage)\b",
    re.IGNORECASE,
)
NAMES = re.compile(
    r"hemicycle verify|--?[a-z-]+|\b[A-Z]{3,}\b|\S+\.(?:jsonl?|example)\S*|https?://\S+|/\S+"
)
"""What has the same name in every language: commands, options, values, files, addresses."""
OTHERS = ("ar", "es", "fr", "ru", "zh")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "fr_CH.UTF-8"}, "fr"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:es:fr"}, "es"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "fr"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_chooses(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert speech.of_environment() == language


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return what the command prints; help and refused arguments end it with an exit."""
    with suppress(SystemExit):
        verify.main(list(arguments))
    printed = capsys.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize("language", OTHERS)
def test_no_line_of_the_command_is_in_english(
    tmp_path: Path, receipt: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    whole = archive(tmp_path / "whole", json_lines(chain(4)))
    broken = archive(tmp_path / "broken", [*json_lines(chain(3)), "{"])
    (tmp_path / "alone").mkdir()
    runs = (
        [str(whole)],
        [str(whole), "--key", "0" * 64],
        [str(broken)],
        [str(tmp_path / "alone")],
        [str(tmp_path / "nowhere")],
        ["--receipt", str(tmp_path / "nowhere")],
        ["--receipt", str(receipt), *TRUSTED],
        ["--receipt", str(receipt), "--key", "x"],
        ["--fork", str(receipt), str(receipt)],
        ["--fork", str(receipt)],
        ["--help"],
    )
    for run in runs:
        printed = said(capsys, "--language", language, *run)
        assert printed.strip()
        left = ENGLISH.findall(NAMES.sub("", printed.replace(str(tmp_path), "")))
        assert left == [], (run, printed)
        assert "\\u20" not in printed, (run, printed)  # no mark of direction is escaped
        assert said(capsys, *run) != printed
    assert speech.gettext("it is missing") == "it is missing"


def test_reasons_are_in_the_readers_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = chain(4)
    del rows[1]
    folder = archive(tmp_path / "archive", json_lines(rows))
    french = said(capsys, "--language", "fr", str(folder))
    assert "vient après l’entrée 1" in french
    (tmp_path / "archive/manifest.json").unlink()
    assert "ملف" in said(capsys, "--language", "ar", str(folder))


def test_what_programs_read_is_the_same_in_every_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = archive(tmp_path / "archive", json_lines(chain(4))[1:])
    english = said(capsys, "--json", str(folder))
    assert "entry" in english
    for language in OTHERS:
        assert said(capsys, "--language", language, "--json", str(folder)) == english
        assert said(capsys, "--language", language, "--format", "json", str(folder)) == english


def test_the_one_file_brings_its_languages(receipt: Path, tmp_path: Path) -> None:
    assert portable.packed.__wrapped__() == portable.packed()
    (file := tmp_path / "verify.pyz").write_bytes(portable.packed())
    assert len(portable.packed()) < 400_000
    done = subprocess.run(
        [sys.executable, str(file), "--receipt", str(receipt), *TRUSTED],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "ru_RU.UTF-8", "PYTHONUTF8": "1", "PYTHONPATH": ""},
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Действительно: запись 3")
