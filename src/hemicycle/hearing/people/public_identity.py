"""The public identity of a person: the one decision that every public output uses.

Pages, plates, lists, chapters, feeds, the API, exports, letters to others, the search index, the
record and the archive take names from `public_identity`. `tests/test_public_names.py` reads all of
them and looks for real names behind an alias.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hemicycle.ui.languages import apart

_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PublicIdentity:
    """What the public sees of a person: with an alias only the alias, as `name`.

    `country` is an ISO 3166-1 code, or "" if it is unknown.
    """

    name: str
    organization: str = ""
    title: str = ""
    country: str = ""
    is_alias: bool = False

    @property
    def first(self) -> str:
        """The organization, or else the name, for a list with one line for each organization."""
        return self.organization or self.name

    @property
    def person(self) -> str:
        """The name of the person beside the organization's name; "" with an alias."""
        return "" if self.is_alias else self.name

    @property
    def in_full(self) -> str:
        """Name and organization in one line."""
        return ", ".join(part for part in (self.name, self.organization) if part)

    @property
    def titled(self) -> str:
        """Name and title in one line, each with its own direction."""
        if not (self.name and self.title):
            return self.name or self.title
        parts = {"source": apart(self.name), "more": apart(self.title)}
        return _("%(source)s, %(more)s") % parts


def name_words(name: str) -> frozenset[str]:
    """Return the words of a name for comparison, which ignores case, accents, width and order."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return frozenset(word for word in _APART.split(bare) if word)


def public_identity(
    *, alias: str, name: str = "", organization: str = "", title: str = "", country: str = ""
) -> PublicIdentity:
    """Decide what the public sees of a person.

    An alias replaces everything: name, organization, title and country, because each of them leads
    to the others.
    """
    if alias:
        return PublicIdentity(name=alias, is_alias=True)
    return PublicIdentity(name=name, organization=organization, title=title, country=country)
