"""The forms that arrive over the weeks, as browsers would send them: most valid, some not.

Each is the data of a POST, and passes the same validation. Some arrive late (the first of them by
one second), some twice, some for people or delegations that are registered already, some
incomplete.
"""

from dataclasses import dataclass, field
from random import Random
from secrets import token_urlsafe

from django.http import QueryDict

from hemicycle.before.registration.choices import ANOTHER
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.tracks import Track
from hemicycle.record.clock import to_ms
from hemicycle.site.rehearsal.people import PeopleGenerator, PersonProfile
from hemicycle.site.rehearsal.speech import question, tongue

SECOND, HOUR, DAY = 1000, 3_600_000, 86_400_000
MISSIONS_SHARE = 0.4
MISSIONS_MOST = 150
PLAIN, TWICE = "plain", "twice"
MOODS = {PLAIN: 87, "malformed": 3, "late": 3, "same-person": 2, "colleague": 3, TWICE: 2}
"""The kinds of forms, and how many there are of each in a hundred."""

ANY_COUNTRY = "AD"
"""A real country, as the form requires one; `Participants` removes it again."""
GENDERS = {"woman": 40, "man": 30, "other": 2, "unsaid": 8, "": 20}
FAULTS = (
    ("email", "person at example.org"),
    ("name", ""),
    ("category", ""),
    ("name", "Amber \u202eenotsdleiF"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is sent: time (ms since the Unix epoch), language, and number of presses."""

    at: int
    track: Track
    data: QueryDict
    language: str
    times: int = 1


@dataclass(slots=True)
class Crowd:
    """Fills in the forms of one hearing, whose registration opens at `opens`.

    `until` is the time limit for forms that are not late, if it is before the deadline.
    """

    facts: Facts
    people: PeopleGenerator
    random: Random
    opens: int
    until: int | None = None
    sent: dict[str, list[Form]] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)

    def forms(self, count: int) -> list[Form]:
        """Return `count` forms in the order of time."""
        moods = self.random.choices(tuple(MOODS), tuple(MOODS.values()), k=count)
        forms = [self._form(mood) for mood in moods]
        forms.sort(key=lambda form: form.at)
        return forms

    def _form(self, mood: str) -> Form:
        track = self._track()
        earlier = self.sent.setdefault(track.key, [])
        if mood in ("same-person", "colleague") and earlier:
            return self._another(mood, self.random.choice(earlier))
        who, data = self._mission(track) if track.is_for_missions else self._stakeholder(track)
        if mood == "malformed":
            self._spoil(data)
        at = self._late(track) if mood == "late" else self._in_time(track)
        form = Form(at, track, data, who.language, times=2 if mood == TWICE else 1)
        if mood == PLAIN:
            earlier.append(form)
        return form

    def _track(self) -> Track:
        missions = self.facts.of_kind(TrackKind.MISSIONS)
        others = self.facts.of_kind(TrackKind.STAKEHOLDERS)
        wants_mission = self.random.random() < MISSIONS_SHARE
        sent = sum(len(self.sent.get(track.key, ())) for track in missions)
        few = sent < MISSIONS_MOST and bool(self.people.states)
        tracks = (missions if wants_mission and few else others) or self.facts.tracks
        return tracks[0] if len(tracks) == 1 else self.random.choice(tracks)

    def _another(self, mood: str, first: Form) -> Form:
        """Return a second form of the same organization, from the same person or a colleague."""
        data = first.data.copy()
        data["form_key"] = token_urlsafe(32)
        if mood == "colleague":
            who = self.people.person(first.language)
            data["name"], data["email"] = who.name, who.email
        closes = self._last(first.track)
        at = self.random.randrange(first.at + SECOND, max(closes, first.at + 2 * SECOND))
        return Form(at, first.track, data, first.language)

    # ── When ──────────────────────────────────────────────────────────────────────────────────
    def _closes(self, track: Track) -> int:
        return to_ms(self.facts.closes_at(track.key))

    def _last(self, track: Track) -> int:
        closes = self._closes(track)
        return closes if self.until is None else min(closes, self.until)

    def _in_time(self, track: Track) -> int:
        """Return a random time before the deadline, more often close to it."""
        closes = self._last(track)
        window = max(closes - self.opens, SECOND)
        share = self.random.random()
        if self.random.random() < 0.45:
            share = 1 - 0.15 * share**2
        return self.opens + int(window * share * 0.9999)

    def _late(self, track: Track) -> int:
        """Return a time after the deadline: one second for the first form, then up to a day."""
        first = track.key not in self.late
        self.late.add(track.key)
        more = 0 if first else round(self.random.expovariate(1 / (5 * HOUR)))
        return self._closes(track) + SECOND + min(more, DAY)

    # ── What ──────────────────────────────────────────────────────────────────────────────────
    def _entry(self, who: PersonProfile, category: object, language: str) -> QueryDict:
        data = QueryDict(mutable=True)
        access = self.random.random() < 0.05
        data.update(
            {
                "form_key": token_urlsafe(32),
                "category": str(category),
                "name": who.name,
                "title": who.title,
                "email": who.email,
                "language": language,
                "access_needs": tongue(who.language).words["access"] if access else "",
            }
        )
        if self.random.random() < 0.7:
            data["consents_to_list"] = "on"
        return data

    def _mission(self, track: Track) -> tuple[PersonProfile, QueryDict]:
        categories = self.facts.categories_of(track.key)
        observes = len(categories) > 1 and self.random.random() < 0.06
        state = "" if observes else self.people.state()
        category = categories[0] if state else categories[-1]
        who = self.people.person(self.people.language())
        data = self._entry(who, category.id, self._spoken(who))
        # The form's own list has only real States, which must not seem to have registered.
        data["state"] = ANOTHER
        data["delegation"] = state or self.people.organization(who.language)
        data["rank"] = str(self.random.choices((1, 5, 6, 7, 8, 9), (1, 3, 3, 12, 6, 4))[0])
        panels = [str(panel.id) for panel in self.facts.panels]
        both = self.random.random() < 0.25
        data.setlist("segments", panels if both else [self.random.choice(panels or [""])])
        return who, data

    def _stakeholder(self, track: Track) -> tuple[PersonProfile, QueryDict]:
        random = self.random
        who = self.people.person(self.people.language())
        category = random.choice(self.facts.categories_of(track.key))
        data = self._entry(who, category.id, self._spoken(who))
        own = tongue(who.language).words
        data["organization"] = self.people.organization(who.language)
        data["country"] = ANY_COUNTRY
        data["gender"] = random.choices(tuple(GENDERS), tuple(GENDERS.values()))[0]
        data["eligibility"] = own["eligibility"].format(n=random.randint(3, 40))
        speaks = random.random() < 0.65
        data["wishes_to_intervene"] = "yes" if speaks else "no"
        panels = [str(panel.id) for panel in self.facts.panels] or [""]
        data["segment"] = random.choice(panels) if speaks else ""
        if random.random() < 0.3:
            data["question"] = question(random, who.language)
            data["question_segment"] = random.choice(["", *panels])
        if speaks and random.random() < 0.15:
            self._co_signers(data, who.language)
        return who, data

    def _co_signers(self, data: QueryDict, language: str) -> None:
        for number in range(1, self.random.randint(1, 3) + 1):
            data[f"co_signer_{number}"] = self.people.organization(language)
            data[f"co_signer_{number}_email"] = self.people.person(language).email

    def _spoken(self, who: PersonProfile) -> str:
        """Return the language of the intervention: the person's own if the hearing has it."""
        offered = self.facts.hearing.languages or ["en"]
        return who.language if who.language in offered else offered[0]

    def _spoil(self, data: QueryDict) -> None:
        field, value = self.random.choice(FAULTS)
        data[field] = value
