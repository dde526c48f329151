"""The transcript of the trial, as a page of the handbook."""

import platform
import re
import time
from datetime import UTC, datetime
from itertools import pairwise

MOST_LINES = 40
SECRETS = (
    (re.compile(r"(/(?:sign-in|my)/)[\w-]{20,}/?"), r"\1…"),
    (re.compile(r"\S*://(?!hearing\.example|localhost|127\.0\.0\.1)\S+"), "…"),
    (re.compile(r"\x1b\[[\d;]*m"), ""),
)
HEAD = """# A whole installation, as it went

`make installation-trial` wrote this page. It makes a machine of its own: Debian 13 from the
registry, booted by `systemd-nspawn`, with a network of its own. There it runs the commands of
[installing](installing.md), [backup and restore](backup.md#on-a-server) and
[upgrading](upgrading.md) as they stand in those pages. In a second network, joined to the first by
one line, are a name server, a mail server and people with Chromium, who know the site’s address and
nothing else. The certificate is of Caddy’s local authority.

**What is not as on a real server.** The kernel is the host’s, and with it the clock, the firewall
and the limits of memory. Names and the certificate are known in these two networks alone. There is
no time server. Packages come by the host’s network, which nothing else in the machine sees. The
people’s browsers and their listener share the machine’s cores, so a busy host costs them sound.

It ran on {day}, on {cores} cores ({machine}), in {minutes:.0f} minutes. Links that sign in are cut
short.
"""


class Transcript:
    """The steps of the trial with their output, which are also printed at once."""

    def __init__(self) -> None:
        self._begun = datetime.now(UTC)
        self._parts: list[str] = []
        self._began: list[tuple[str, float]] = []

    def part(self, title: str) -> None:
        """Begin a part, and end the previous one."""
        self._began.append((title, time.monotonic()))
        self._add(f"## {title}")

    def say(self, sentence: str) -> None:
        """Add a sentence about what happened."""
        self._add(_clean(sentence))

    def command(self, commands: str, name: str, output: str, seconds: float) -> None:
        """Add commands, the name of their step in the handbook ("" for none), and their output."""
        mark = f"<!-- trial: {name} -->\n" if name else ""
        self._add(f"{mark}```\n{commands.rstrip()}\n```")
        lines = _clean(output).rstrip().splitlines()
        if len(lines) > MOST_LINES:
            lines = [f"… ({len(lines) - MOST_LINES} lines)", *lines[-MOST_LINES:]]
        took = f"{seconds:.1f} s" if seconds >= 0.1 else "at once"
        if lines:
            self._add(f"It printed, after {took}:" if name else "It printed:")
            self.output("\n".join(lines))
        elif name:
            self._add(f"It printed nothing, and took {took}.")

    def output(self, text: str) -> None:
        """Add the output of a command."""
        self._add("```text\n" + _clean(text).rstrip() + "\n```")

    def page(self, cores: int) -> str:
        """Return the text of the page; `cores` is the number of processors of the machine."""
        head = HEAD.format(
            day=f"{self._begun:%d %B %Y}",
            cores=cores,
            machine=platform.machine(),
            minutes=(datetime.now(UTC) - self._begun).total_seconds() / 60,
        )
        return "\n\n".join([head.rstrip(), self._times(), *self._parts]) + "\n"

    def _times(self) -> str:
        """Return a table with the time of each part."""
        begun = [*self._began, ("", time.monotonic())]
        rows = [
            f"| {title} | {following - began:.0f} s |"
            for (title, began), (_, following) in pairwise(begun)
        ]
        return "\n".join(["| part | time |", "| --- | ---: |", *rows])

    def _add(self, text: str) -> None:
        self._parts.append(text)
        print(f"{text}\n", flush=True)


def _clean(text: str) -> str:
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text
