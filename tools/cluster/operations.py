"""The site's operations page, which shows an administrator what runs where."""

from collections.abc import Iterable, Iterator
from urllib.request import Request, urlopen

from selectolax.lexbor import LexborHTMLParser

from tools.cluster.rehearsed import session_of

HEADING = "What runs where"
ADDRESS = "operator@example.org"


class Operations:
    """The operations page, fetched as an administrator who has signed in."""

    def __init__(self, site: str) -> None:
        from hemicycle.hearing.people.models import Person

        person, _made = Person.objects.get_or_create(
            email=ADDRESS, defaults={"name": "Ada Osei", "is_administrator": True}
        )
        cookie = {"Cookie": f"hemicycle={session_of(person)}"}
        self._page = Request(f"{site}/office/operations/", headers=cookie)  # noqa: S310 - our own

    def rows(self) -> list[str]:
        """Return a line for each process, media machine and edge that the page names."""
        with urlopen(self._page, timeout=20) as answer:  # noqa: S310 - our own site
            page = LexborHTMLParser(answer.read().decode())
        return list(_rows(page))

    def lacks(self, names: Iterable[str]) -> list[str]:
        """Return the machines that the page does not name."""
        told = "\n".join(self.rows())
        return [name for name in names if name not in told]


def _rows(page: LexborHTMLParser) -> Iterator[str]:
    heading = next(found for found in page.css("h2") if found.text(strip=True) == HEADING)
    assert heading.parent is not None
    for row in heading.parent.css("tbody tr"):
        cells = (" ".join(cell.text().split()) for cell in row.css("th, td"))
        yield "  ".join(cells)
