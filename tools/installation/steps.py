"""The handbook's commands that the trial runs: fenced blocks below `<!-- trial: NAME -->`."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = ("installing.md", "backup.md", "upgrading.md")
BLOCK = re.compile(r"^<!-- trial: ([a-z-]+) -->\n```\n(.*?)^```$", re.M | re.S)


def read(docs: Path = ROOT / "docs") -> dict[str, str]:
    """Return the commands of each step, in the order of the pages.

    Raises ValueError if a name is used twice.
    """
    found: dict[str, str] = {}
    for page in PAGES:
        for name, commands in BLOCK.findall((docs / page).read_text("utf-8")):
            if name in found:
                raise ValueError(f"{page} has a second step {name!r}")
            found[name] = commands
    return found
