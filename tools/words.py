"""Check the texts of this repository for words that we do not write.

`tools/words.toml` lists them, each with a replacement. Words are found as whole words, in any case;
phrases are also found across the lines of a text or a comment. Text between backquotes is a
quotation and is not checked. In Python sources, only comments and strings are checked.

The newest commits are checked too: their subjects must not be longer than the list allows, and
their messages must not contain the words.

Tables that are generated from the sources are checked in the sources and not in the page.

Usage: python tools/words.py [PATH ...]

Without a path, the folders and files of `PATHS` are checked. With `--count`, only the number of
occurrences of each word is printed. The exit status is 0 if nothing is found, and 1 otherwise.
"""

import argparse
import re
import string
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIST = Path("tools/words.toml")
PATHS = (".", "docs", "tools", "bench", "hearings", "src", "tests")
"""The paths that `make check` reads, in the repository; `.` stands for the files at its top."""
SUFFIXES = {".css", ".html", ".js", ".md", ".py", ".txt", ""}
"""The types of files that are read. Catalogues are not: their English comes from the sources."""

PROSE = {tokenize.COMMENT, tokenize.STRING, tokenize.FSTRING_MIDDLE}
BREAK = r"(?:\s|^[ \t]*(?:\#|\*|//|>)+)+"
"""The text allowed between two words of a phrase: white space, or a line break in a comment."""
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""A table for lower case that, unlike `str.lower`, keeps the length of a text."""
QUOTED = re.compile(
    r"```.+?```"
    r"|(`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)\1(?!`)"  # a quotation within a line ends in its paragraph
    r"|<!-- table -->.+<!-- end of the table -->",
    re.DOTALL,
)
IN_QUOTES = re.compile(r"(?<!\w)(?:'[^'\n]+'|\"[^\"\n]+\"|“[^”\n]+”)(?!\w)")
"""A quotation in a commit message, which uses quotation marks instead of backquotes."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One or more words that stand next to each other."""

    first: str
    longest: str
    """The first and the longest word in lower case. Most texts lack the second: this saves time."""
    pattern: re.Pattern[str]

    def spans(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Yield the positions of the phrase in a text; `lowered` is the text in lower case."""
        at = lowered.find(self.first) if self.longest in lowered else -1
        while at >= 0:
            if match := self.pattern.match(text, at):
                yield match.span()
            at = lowered.find(self.first, at + 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """Phrases that we do not write, and what to write instead."""

    words: tuple[Phrase, ...]
    instead: str
    unless: tuple[Phrase, ...]

    def spans(self, text: str, lowered: str) -> Iterator[tuple[int, int]]:
        """Yield the positions of the phrases in a text, except those inside an exception."""
        found = [span for phrase in self.words for span in phrase.spans(text, lowered)]
        if found:
            right = [span for phrase in self.unless for span in phrase.spans(text, lowered)]
            yield from (
                (start, end)
                for start, end in sorted(found)
                if not any(first <= start and end <= last for first, last in right)
            )


@dataclass(frozen=True, slots=True)
class Found:
    """A word that was found in a file or in the message of a commit."""

    place: str
    line: int
    words: str
    advice: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: “{self.words}”: {self.advice}"


@dataclass(frozen=True, slots=True)
class WordList:
    """The content of `tools/words.toml`."""

    entries: tuple[Entry, ...]
    others: tuple[str, ...]
    """Beginnings of the paths that are not checked."""
    newest: int
    subject_length: int

    def found_in(self, place: str, text: str) -> Iterator[Found]:
        """Yield each occurrence of a listed word in a text."""
        blanked = QUOTED.sub(_blank, text)
        lowered = blanked.translate(LOWER)
        spans = [(entry, *span) for entry in self.entries for span in entry.spans(blanked, lowered)]
        prose = list(_prose(text)) if spans and place.endswith(".py") else [range(len(text))]
        for entry, start, end in spans:
            if any(start in part for part in prose):
                line = text.count("\n", 0, start) + 1
                words = re.sub(BREAK, " ", text[start:end], flags=re.MULTILINE)
                yield Found(place, line, words, f"write {entry.instead}")


def read_list(root: Path = ROOT) -> WordList:
    """Read the list of a checkout."""
    told = tomllib.loads((root / LIST).read_text("utf-8"))
    return WordList(
        tuple(_entry(entry) for entry in told["entry"]),
        tuple(told["files"]["others"]),
        told["commits"]["newest"],
        told["commits"]["subject_length"],
    )


def in_files(words: WordList, paths: Iterable[str], root: Path = ROOT) -> Iterator[Found]:
    """Yield each listed word in the files below `paths` that git tracks or does not ignore."""
    for name in _files(paths, root):
        if not name.startswith(words.others):
            yield from words.found_in(name, (root / name).read_text("utf-8", errors="replace"))


def in_commits(words: WordList, root: Path = ROOT) -> Iterator[Found]:
    """Yield the faults in the messages of the newest commits that have not been pushed.

    A pushed commit can no longer be corrected. If there is no remote repository, the newest commits
    are checked.
    """
    asked = (f"--max-count={words.newest}", "--no-merges", "HEAD", "--not", "--remotes")
    for told in _git(root, "log", "--format=%h%n%B%x00", *asked).split("\0"):
        commit, _, message = told.strip().partition("\n")
        subject = message.partition("\n")[0]
        if len(subject) > words.subject_length:
            advice = f"write a subject of at most {words.subject_length} characters"
            yield Found(f"commit {commit}", 1, subject, advice)
        yield from words.found_in(f"commit {commit}", IN_QUOTES.sub(_blank, message))


def _entry(told: dict[str, Any]) -> Entry:
    words, unless = (tuple(map(_phrase, told.get(key, ()))) for key in ("words", "unless"))
    return Entry(words, told["instead"], unless)


def _phrase(words: str) -> Phrase:
    parts = words.split()
    pattern = rf"\b{BREAK.join(map(re.escape, parts))}\b"
    first, longest = parts[0].lower(), max(parts, key=len).lower()
    return Phrase(first, longest, re.compile(pattern, re.IGNORECASE | re.MULTILINE))


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _prose(source: str) -> Iterator[range]:
    """Yield the ranges of comments and strings in a Python source."""
    starts = list(accumulate(map(len, StringIO(source)), initial=0))
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type in PROSE:
            start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
            yield range(start, end)


def _files(paths: Iterable[str], root: Path) -> list[str]:
    asked = [":(glob)*" if path == "." else path for path in paths]
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", *asked)
    files = dict.fromkeys(name for name in listed.split("\0") if name)
    return [name for name in files if Path(name).suffix in SUFFIXES and (root / name).is_file()]


def _git(root: Path, *arguments: str) -> str:
    command = ("git", "-C", str(root), *arguments)
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


def main(argv: Sequence[str] | None = None) -> int:
    """Print the words that are found, and return the exit status."""
    parser = argparse.ArgumentParser(description="Look for words that we do not write.")
    parser.add_argument("paths", nargs="*", default=PATHS, help="folders and files to read")
    parser.add_argument("--count", action="store_true", help="print how often each is found")
    options = parser.parse_args(argv)
    words = read_list()
    found = [*in_files(words, options.paths), *in_commits(words)]
    if options.count:
        for name, count in Counter(fault.words.lower() for fault in found).most_common():
            print(f"{count:5} {name}")
    else:
        for fault in found:
            print(fault, file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
