"""Write the table of personal data into `docs/privacy.md`: `python -m tools.privacy`."""

import os
import tempfile
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/privacy.md"
BEGINS, ENDS = "<!-- table -->\n", "\n<!-- end of the table -->"


def main() -> None:
    """Write the current table between its two marks in the page."""
    import django
    from django.utils import translation

    django.setup()
    from hemicycle.hearing.setup.personal_data import as_markdown

    before, _, rest = PAGE.read_text("utf-8").partition(BEGINS)
    after = rest.partition(ENDS)[2]
    with translation.override("en"):
        PAGE.write_text(before + BEGINS + as_markdown() + ENDS + after, "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("HEMICYCLE_DATA_DIR", folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
        main()
