"""Synthetic organizations and people; equal seeds give equal ones. All are invented.

Names are composed of common nouns, so that none is a real person's or State's: no real State has
said what is said here. Addresses end in example.org, which is reserved.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, product
from random import Random

from hemicycle.site.rehearsal.speech import LANGUAGES, tongue

MAIL_HOSTS = ("post", "mail", "desk", "office")
FORMS_OF_STATE = ("Republic", "Kingdom", "Federation", "Commonwealth", "Union", "Principality")
FIRST_PARTS = tuple(
    """Amber Clover Copper Fern Heron Juniper Lantern Lark Mist Pebble Quill Reed Saffron Tern
    Thistle Willow""".split()  # noqa: SIM905 - words read better as words
)
SECOND_PARTS = tuple(
    """down fell haven hollow holm isle meadow mere moor reach vale wick""".split()  # noqa: SIM905
)
STATES = tuple(
    f"{FORMS_OF_STATE[number % len(FORMS_OF_STATE)]} of {first}{second}"
    for number, (first, second) in enumerate(product(FIRST_PARTS, SECOND_PARTS))
)
"""192 States that do not exist."""


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
        self.states = self.random.sample(STATES, len(STATES))

    def language(self) -> str:
        """Return one of the hearing's languages, in the proportions of `LANGUAGES`."""
        shares = [LANGUAGES[language] for language in self.languages]
        return self.random.choices(self.languages, shares)[0]

    def person(self, language: str) -> PersonProfile:
        """Return a person who speaks `language`, with a unique e-mail address."""
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
        """Return the name of an organization that has not been drawn yet."""
        own = tongue(language)
        for attempt in count():
            name = str(own.words["organization"]).format(
                kind=own.pick(self.random, "kinds"),
                thing=own.pick(self.random, "things"),
                quality=own.pick(self.random, "qualities"),
            )
            if attempt > 20:  # the names have run out: a number makes them unique
                name = f"{name} {len(self.taken)}"
            if name not in self.taken:
                break
        self.taken.add(name)
        return name

    def state(self) -> str:
        """Return an invented State that has not registered yet; "" if all have."""
        return self.states.pop() if self.states else ""
