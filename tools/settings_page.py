"""Write the table of settings into `docs/settings.md`: `python -m tools.settings_page`."""

from pathlib import Path

from hemicycle import settings_table as table

PAGE = Path(__file__).parents[1] / "docs/settings.md"
BEGINS, ENDS = "<!-- settings -->\n", "\n<!-- end of the settings -->"


def main() -> None:
    """Write the current table between its two marks in the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGINS)
    after = rest.partition(ENDS)[2]
    PAGE.write_text(before + BEGINS + table.as_markdown() + ENDS + after, "utf-8")


if __name__ == "__main__":
    main()
