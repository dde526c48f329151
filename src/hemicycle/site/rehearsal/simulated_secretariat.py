"""The staff of a rehearsed hearing: is appointed, decides, sorts questions, moves speakers."""

from dataclasses import dataclass
from random import Random

from hemicycle.before.questions import actions as questions
from hemicycle.before.questions.models import Question
from hemicycle.before.registration import review
from hemicycle.before.registration.demand import panellists
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import ListRefused
from hemicycle.before.speakers import actions as lists
from hemicycle.before.speakers import panel_rules
from hemicycle.hearing.people import actions as parties
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.meeting.interpretation import actions as booths
from hemicycle.record.writer import Actor

BEGINNING = Actor.system("rehearsal")
STAFF = {
    Role.SECRETARIAT: "Heather Ledger-Quill",
    Role.MODERATOR: "Basil Gavelstone",
    Role.INTERPRETER: "Ivy Silverbooth",
    Role.TECHNICIAN: "Flint Cablewright",
}
BOOTHS = {
    "en": ("Ivy Silverbooth", "Jasper Echovale"),
    "fr": ("Coral Whisperfield", "Linden Murmurbrook"),
}
REFUSED = (
    "The evidence given does not show that the organization works in this field.",
    "The organization is not on the list of those invited.",
)
MOVED = (
    "Travels that day and asked to speak early.",
    "Speaks for several organizations that joined their interventions.",
    "Exchanged by agreement of both delegations.",
    "Balance between regions at the head of the list.",
)
ASIDE = "Another question that was sorted before asks the same."


@dataclass(slots=True)
class SimulatedSecretariat:
    """The staff of one hearing, and their actions."""

    hearing: Hearing
    random: Random
    staff: dict[Role, Person]

    @classmethod
    def appointed(cls, hearing: Hearing, random: Random) -> "SimulatedSecretariat":
        """Appoint staff and panellists, each with a seat on the panel; return the staff."""
        staff = {
            role: _appoint(hearing, role, name, f"{role.value}@hearing.example")
            for role, name in STAFF.items()
        }
        for number, member in enumerate(_panels_members(hearing), start=1):
            role, address = member.seat_role, f"{member.role}{number}@hearing.example"
            if role == Role.MODERATOR and number == 1:
                member.person = staff[role]
            else:
                member.person = _appoint(hearing, role, member.name, address)
            if role == Role.PANELLIST:
                staff.setdefault(role, member.person)
            member.save(update_fields=["person"])
        _fill_booths(hearing)
        return cls(hearing, random, staff)

    def acting(self, role: Role = Role.SECRETARIAT) -> Actor:
        """Return the holder of a role as an actor of the record."""
        return Actor(self.staff[role].id.hex, role.value)

    def review(self) -> None:
        """Decide on all waiting registrations; most are accepted."""
        waiting = Registration.objects.filter(
            hearing=self.hearing, status=Registration.Status.SUBMITTED
        )
        chosen: dict[str, list[Registration]] = {}
        for registration in waiting.order_by("arrival"):
            outcome = "refused" if self.random.random() < 0.05 else "accepted"
            chosen.setdefault(outcome, []).append(registration)
        for outcome, found in chosen.items():
            review.decide(
                hearing=self.hearing,
                chosen=[candidate.id for candidate in found],
                outcome=Registration.Status(outcome),
                reason=self.random.choice(REFUSED) if outcome == "refused" else "",
                decided_by=self.staff[Role.SECRETARIAT],
                actor=self.acting(),
            )

    def sort_questions(self) -> None:
        """Sort the new questions; set repeated ones aside."""
        came = Question.objects.filter(
            hearing_id=self.hearing.id, state=Question.State.SUBMITTED
        ).select_related("segment")
        guiding = list(self.hearing.guiding_questions.all())
        panels = list(panel_rules.panels(self.hearing))
        for question in came.order_by("submitted_at", "registration__arrival"):
            panel = question.segment or (self.random.choice(panels) if panels else None)
            if self.random.random() < 0.25 or panel is None:
                questions.set_aside(question=question, reason=ASIDE, actor=self.acting())
                continue
            found = [candidate for candidate in panels if candidate.pk == panel.pk]
            presenting = panellists(found[0]) if found else []
            to = self.random.choice(presenting) if presenting else None
            questions.sort(
                question=question,
                segment=panel,
                guiding_question=self.random.choice(guiding) if guiding else None,
                to=to if to and self.random.random() < 0.5 else None,
                actor=self.acting(),
            )

    def move_some(self) -> None:
        """Move a few speakers on each list, with a reason."""
        for panel in panel_rules.panels(self.hearing):
            rows = Inscription.objects.filter(segment=panel, state=Inscription.State.INSCRIBED)
            standing = list(
                rows.filter(registration__status__in=Registration.LIVE).order_by("arrival")
            )
            for _ in range(self.random.randint(2, 4) if len(standing) > 4 else 0):
                one, before = self.random.sample(standing, 2)
                self._move(one, before)

    def _move(self, one: Inscription, before: Inscription) -> None:
        try:
            lists.move(
                inscription=one,
                before=before,
                reason=self.random.choice(MOVED),
                actor=self.acting(),
            )
        except ListRefused:
            return  # the speaker is already there


def _appoint(hearing: Hearing, role: Role, name: str, email: str) -> Person:
    person = parties.staff_member(name=name, email=email)
    parties.appoint(person=person, hearing_id=hearing.id, role=role, actor=BEGINNING)
    return person


def _fill_booths(hearing: Hearing) -> None:
    """Assign two interpreters to each booth of the hearing that `BOOTHS` has."""
    names = [(tag, name) for tag in BOOTHS if tag in hearing.languages for name in BOOTHS[tag]]
    for number, (tag, name) in enumerate(names, start=1):
        address = f"{Role.INTERPRETER.value}{number if number > 1 else ''}@hearing.example"
        booths.assign_new(hearing=hearing, language=tag, name=name, email=address, actor=BEGINNING)


def _panels_members(hearing: Hearing) -> list[PanelMember]:
    members = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    return list(members.order_by("segment__ordinal", "ordinal"))
