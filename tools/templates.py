"""Check the style of templates, or format them.

`python tools/templates.py check` fails for a template that djangofmt would change, for a line of
more than 120 characters, for an inline style, and for a form with a single button that does not use
`{% button %}`. `tools/frontend.py` checks colours, also in templates.
`python tools/templates.py format` formats the templates with djangofmt; if a line is still too
long, split its tag by hand. docs/decisions/0029-templates.md gives the reasons.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 120
"""The longest line, in characters. The formatter aims at 100, but cannot break template tags."""

LETTER = "outgoing/mail.html"
"""The frame of a letter may have inline styles: mail programs do not load style sheets."""

COMPONENT = "ui/components/button.html"
ONE_BUTTON = re.compile(
    r"""<form\s+method="post"(?:\s+action="[^"]*")?\s*>\s*{% csrf_token %}\s*"""
    r"""(?:<input\s+type="hidden"[^<>]*>\s*)*<button\b(?:(?!<button|</form>).)*</button>\s*</form>""",
    re.DOTALL,
)
"""Finds a form that has a single button and no text or visible field."""
STYLE = re.compile(r"\sstyle=|<style\b")


def faults(text: str, name: str = "") -> Iterator[tuple[int, str]]:
    """Yield the line and the description of each fault that the formatter does not fix."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST:
            yield number, f"{len(line)} characters, more than {LONGEST}"
        if name.endswith(LETTER):
            continue
        if STYLE.search(line):
            yield number, "a style in the page, which the content security policy forbids"
    if not name.endswith(COMPONENT):
        for match in ONE_BUTTON.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            yield number, "a form of one button; write {% button %}"


def check(root: Path = ROOT) -> list[str]:
    """Return a message for each fault in the templates below `root`."""
    found = [
        f"{path.relative_to(root)}:{number}: {fault}"
        for path in sorted((root / "src").rglob("*.html"))
        if "handbook_pages" not in path.parts  # Sphinx wrote them
        for number, fault in faults(path.read_text(encoding="utf-8"), path.as_posix())
    ]
    ran = formatter("--check", root=root)
    if ran.returncode:
        found.append(ran.stderr.strip() or ran.stdout.strip())
    return found


def formatter(*options: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run djangofmt on the templates below `root`, with the settings in pyproject.toml."""
    command = [str(Path(sys.executable).parent / "djangofmt"), *options, "src"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def main(arguments: list[str]) -> int:
    """Run the command named in `arguments`; return the exit status."""
    if arguments == ["format"]:
        ran = formatter()
        print(ran.stdout + ran.stderr, end="")
        return ran.returncode
    if arguments != ["check"]:
        print(__doc__)
        return 2
    found = check()
    for fault in found:
        print(fault)
    if found:
        print("`python tools/templates.py format` formats the templates.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
