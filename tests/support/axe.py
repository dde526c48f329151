"""Looks for barriers in a page with axe-core, by the rules of WCAG 2.2 up to level AA."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page

SOURCE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Wait until transitions end, since nobody reads a colour that is changing. Report violations only:
# describing and sending the rules that pass takes most of axe's time. Without `preload`, axe does
# not load the style sheets, which one rule alone needs (it finds pages locked to an orientation).
RUN = """Promise
    .allSettled(document.getAnimations()
        .filter(one => one instanceof CSSTransition).map(one => one.finished))
    .then(() => axe.run(document, {
        runOnly: {type: "tag", values: %s}, resultTypes: ["violations"], preload: false,
        rules: {"color-contrast": {enabled: %s}},
    }))
    .then(found => found.violations)"""


@cache
def _script(*, colours: bool) -> str:
    return f"{SOURCE.read_text()}\n{RUN % (json.dumps(RULES), json.dumps(colours))}"


def barriers(page: Page | Frame, *, colours: bool = True) -> list[str]:
    """Return each barrier found: the rule, its description, and the elements that break it.

    The page of a frame is checked as if it stood alone. Comparing `colours` takes half of the time.
    """
    # The browser's debugger evaluates the script, so the page's security policy does not block it.
    found: list[dict[str, Any]] = page.evaluate(_script(colours=colours))
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(str(n['target'][0]) for n in rule['nodes'])}"
        for rule in found
    ]
