"""Synthetic organizations and people, the same for a same seed. Nobody and nothing here exists.

Names are put together from common nouns, so that none is anybody's; the names of States are facts.
Addresses end in example.org, which belongs to nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from random import Random

from babel.languages import get_official_languages

from hemicycle.mail.outgoing.missions import MEMBERS
from hemicycle.site.rehearsal.speech import LANGUAGES, tongue

MAIL_HOSTS = ("post", "mail", "desk", "office")


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """A person who may take part: `language` is the one they speak."""

    name: str
    title: str
    email: str
    language: str


@dataclass(slots=True)
class PeopleGenerator:
    """Draws the people and organizations that take part, one after the other."""

    random: Random
    languages: tuple[str, ...] = tuple(LANGUAGES)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    taken: set[str] = field(default_factory=set)
    states: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.states = self.random.sample(MEMBERS, len(MEMBERS))

    def language(self) -> str:
        """One of the hearing's languages, in the proportions of `LANGUAGES`."""
        shares = [LANGUAGES[language] for language in self.languages]
        return self.random.choices(self.languages, shares)[0]

    def language_of(self, state: str) -> str:
        """The language of a State's delegation: an official one that is interpreted."""
        official = get_official_languages(state) if state else ()
        own = [tag for tag in self.languages if tag in official]
        return own[0] if own else self.languages[0]

    def person(self, language: str) -> PersonProfile:
        """Somebody who speaks `language`, with an address of their own."""
        own = tongue(language)
        pattern = own.words.get("name", "{given} {family}")
        parts = {"given": own.pick(self.random, "given"), "family": own.pick(self.random, "family")}
        return PersonProfile(
            name=pattern.format(**parts),
            title=own.pick(self.random, "titles"),
            email=f"person{next(self.numbers)}@{self.random.choice(MAIL_HOSTS)}.example.org",
            language=language,
        )

    def organization(self, language: str) -> str:
        """An organization that is not drawn yet."""
        own = tongue(language)
        for attempt in count():
            name = str(own.words["organization"]).format(
                kind=own.pick(self.random, "kinds"),
                thing=own.pick(self.random, "things"),
                quality=own.pick(self.random, "qualities"),
            )
            if attempt > 20:  # so many names are taken that a number has to tell them apart
                name = f"{name} {len(self.taken)}"
            if name not in self.taken:
                break
        self.taken.add(name)
        return name

    def state(self) -> str:
        """A Member State that has not inscribed yet, as its code; "" when all have."""
        return self.states.pop() if self.states else ""
