"""In a hearing that departs from its plan, every text is used and every letter is sent once.

The hearing is postponed the day before; statements arrive late; panels open late and are prolonged;
statements and registrations are corrected. The tests control the record's clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from hemicycle.before.registration import changes, review
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.actions import OfficeEntry, enter, submit
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import facts_of
from hemicycle.before.speakers import day_before, panel_rules
from hemicycle.before.speakers.queries import list_of_speakers
from hemicycle.before.statements import actions as statements
from hemicycle.before.statements import letters as statement_letters
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import plan_changes
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import announcing
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.models import Message
from hemicycle.outcome.summary import actions as summaries
from hemicycle.outcome.summary import circulation, queries, sources
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.participation import panel_outcomes
from hemicycle.procedure import commands as c
from hemicycle.record import clock, verify
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from hemicycle.site.rehearsal import tally
from tests.support.lists import World

pytestmark = [pytest.mark.postgresql("transactions"), pytest.mark.django_db]

MINUTE = 60_000
NEW_DAY = timedelta(days=14)
Purpose = Message.Purpose
Release = Statement.Release

SAID = {
    "Estmere": "Our labour inspectors visit forty farms and twelve ships in each month.",
    "Normere": "We urge all States to publish figures on trafficking every second year.",
    "Open Doors": "Online platforms should be obliged to report recruitment by traffickers.",
    "Late Papers": "Technology companies must train their moderators to recognize traffickers.",
    "After Words": "Shelters for women and girls need funding that lasts longer than one year.",
    "Out of Time": "Domestic workers need a telephone line that answers in their own language.",
    "Much Later": "Prosecutors must cooperate across borders within days rather than within years.",
    "By Telephone": "Border guards should be trained to recognize the victims of trafficking.",
    "Paper Only": "Hospitals should be allowed to treat victims without reporting them.",
    "Paper After": "Banks must report payments that point to the exploitation of workers.",
}
"""A sentence that occurs only in this organization's statement, by which it can be found."""
CORRECTED = "Online platforms must be obliged to report recruitment within one day."


@dataclass
class Story:
    """A hearing, and what the office and its participants do."""

    world: World
    rows: dict[str, Registration] = field(default_factory=dict)

    @property
    def hearing(self) -> Hearing:
        return Hearing.objects.get(pk=self.world.hearing.pk)

    def hand_in(self, *names: str, text: str = "") -> None:
        """Let these submit their statements now, for their place or in writing."""
        for name in names:
            row = Registration.objects.get(pk=self.rows[name].pk)
            place = row.inscriptions.first()
            said = f"Madam President,\n\nWe thank you. {text or SAID[name]}"
            statements.hand_in(
                registration=row,
                inscription=place,
                file_name=f"{name}.txt",
                data=said.encode(),
                by=row.person,
                actor=actor_of(row),
            )

    def places(self, *names: str) -> list[Inscription]:
        related = ("speaker", "segment", "registration__hearing")
        rows = Inscription.objects.select_related(*related)
        return [rows.get(registration=self.rows[name]) for name in names]

    def announce(self) -> None:
        """Let the office announce all changes, pressing twice."""
        shown = plan_changes.digest(plan_changes.pending(self.hearing))
        announcing.announce(hearing=self.world.hearing, shown=shown, actor=self.world.office)
        with pytest.raises(OutgoingRefused):
            announcing.announce(hearing=self.world.hearing, shown=shown, actor=self.world.office)

    def letters(self, purpose: Message.Purpose) -> Counter[str]:
        """Return how many letters of this kind have been or will be sent to each address."""
        rows = Message.objects.filter(hearing_id=self.world.hearing.pk, purpose=purpose)
        return Counter(
            rows.exclude(state=Message.State.CANCELLED).values_list("address", flat=True)
        )

    def addresses(self, names: Iterable[str]) -> list[str]:
        rows = Registration.objects.filter(pk__in=[self.rows[name].pk for name in names])
        return list(rows.values_list("person__email", flat=True))

    def once(self, *names: str, times: int = 1) -> Counter[str]:
        """Return the expected count of letters: `times` for each of these."""
        return Counter(dict.fromkeys(self.addresses(names), times))

    # ── The weeks before ──────────────────────────────────────────────────────────────────────
    def register(self) -> None:
        self.world.accepts = False
        for name in ("Estmere", "Normere"):
            self.rows[name] = self.world.mission(name, 0)
        for name in ("Open Doors", "Late Papers", "After Words", "Out of Time", "Much Later"):
            self.rows[name] = self.world.ngo(name, 0)
        for name in ("Paper Only", "Paper After"):
            self.rows[name] = self.world.ngo(name, consents_to_list="yes")

    def decide(self) -> None:
        """Let the office accept everybody, pressing twice."""
        for _press in range(2):
            self.accept(*self.rows.values())

    def accept(self, *rows: Registration) -> None:
        """Let the office accept these registrations."""
        review.decide(
            hearing=self.world.hearing,
            chosen=[row.pk for row in rows],
            outcome=Registration.Status.ACCEPTED,
            reason="",
            decided_by=self.world.secretary,
            actor=self.world.office,
        )

    def remind(self, *names: str) -> None:
        """Let the office remind speakers of missing statements, pressing twice."""
        for _press in range(2):
            statement_letters.remind(inscriptions=self.places(*names), actor=self.world.office)

    def go_to_the_day_before(self) -> None:
        """Go to twenty hours before the first panel, and let the worker check twice."""
        first = min(panel.starts_at for panel in panel_rules.panels(self.hearing))
        self.world.clock.move_to(clock.to_ms(first - timedelta(hours=20)))
        for _look in range(2):
            day_before.tell()

    def postpone(self) -> None:
        """Postpone the hearing without new dates; a week later, move it by `NEW_DAY`."""
        hearings.postpone(hearing=self.world.hearing, actor=self.world.office)
        self.announce()
        self.world.clock.advance(7 * 24 * 60 * MINUTE)
        first = self.world.hearing.meetings.get(ordinal=1).starts_at.date()
        hearings.move(hearing=self.hearing, first_day=first + NEW_DAY, actor=self.world.office)
        self.announce()

    def admit_by_telephone(self, name: str) -> None:
        """Let the office admit one more speaker to panel 1, after the deadline."""
        hearing = self.hearing
        category = hearing.categories.get(key="civil-society")
        cleaned = Cleaned(
            track=category.track,
            form_key=f"form-{name}",
            category=category.id,
            organization=name,
            country="",
            name=f"Speaker of {name}",
            title="",
            email="telephone@hearing.example",
            language="en",
            interface_language="en",
            segments=(self.world.panels[1].id,),
        )
        by = OfficeEntry(self.world.office, Registration.Way.TELEPHONE, "The line was down.")
        facts = facts_of(hearing)
        with pytest.raises(RegistrationRefused):
            submit(facts=facts, cleaned=cleaned, received_at=clock.now())
        row = self.rows[name] = enter(facts=facts, cleaned=cleaned, entry=by).registration
        self.accept(row)

    def correct(self) -> None:
        """Replace a statement with a corrected one, and a speaker with another."""
        self.hand_in("Open Doors", text=CORRECTED)
        row = Registration.objects.get(pk=self.rows["Normere"].pk)
        changes.replace_speaker(
            registration=row,
            name="Another Speaker",
            email="another@hearing.example",
            title="Ambassador",
            actor=actor_of(row),
        )

    # ── The day ───────────────────────────────────────────────────────────────────────────────
    def hold_first_panel(self) -> None:
        """Open the panel 25 minutes late, prolong it, and still do not reach the last two."""
        self.world.open_panel(0)
        self.world.clock.advance(25 * MINUTE)
        planned = panel_rules.panels(self.hearing)[0].ends_at
        self.world.press(c.Reschedule(clock.to_ms(planned) + 20 * MINUTE))
        for name in ("Estmere", "Normere", "Open Doors", "Late Papers", "After Words"):
            self.hear(name)
        self.close_by_mistake()
        self.world.clock.move_to(clock.to_ms(planned) + 19 * MINUTE)
        self.world.press(c.CloseSegment())
        self.world.press(c.CloseMeeting())

    def close_by_mistake(self) -> None:
        """Let the moderator close the panel, and undo this at once."""
        self.world.press(c.CloseSegment())
        self.world.press(c.Undo())

    def hold_second_panel(self) -> None:
        self.world.open_panel(1)
        self.world.clock.advance(40 * MINUTE)
        self.hear("By Telephone", 1)
        self.world.press(c.CloseSegment(), 1)
        self.world.press(c.CloseMeeting(), 1)

    def hear(self, name: str, panel: int = 0) -> None:
        (place,) = self.places(name)
        self.world.clock.advance(MINUTE // 3)
        self.world.press(c.GiveFloor(place.id.hex), panel)
        self.world.clock.advance(2 * MINUTE)
        self.world.press(c.EndFloor(), panel)


@pytest.fixture
def story(world: World) -> Story:
    """The hearing after registration and a round of reminders, before the changes of plan."""
    told = Story(world)
    closes = world.panels[0].starts_at - timedelta(days=3)
    Hearing.objects.filter(pk=world.hearing.pk).update(statements_close_at=closes)
    told.register()
    told.decide()
    told.hand_in("Estmere", "Open Doors")
    told.remind("Normere", "Late Papers", "After Words", "Out of Time", "Much Later")
    told.hand_in("Normere", "Out of Time", "Paper Only")
    return told


def standing(told: Story) -> list[object]:
    """Return what people have done so far, which a change of dates must not alter."""
    panel = panel_rules.panels(told.hearing)[0]
    hearing = told.hearing.pk
    return [
        [line.inscription.pk for line in list_of_speakers(panel)],
        list(Registration.objects.order_by("arrival").values_list("pk", "status", "arrival")),
        list(Statement.objects.order_by("pk").values_list("pk", "release", "versions__text")),
        Entry.objects.filter(hearing=hearing, kind="statement.handed_in").count(),
    ]


def test_a_postponement_loses_nothing_and_tells_everybody_once_of_each_step(story: Story) -> None:
    story.go_to_the_day_before()
    before = standing(story)
    everybody = tuple(story.rows)
    speakers = [name for name in everybody if not name.startswith("Paper")]
    assert story.letters(Purpose.FORECAST) == story.once(*speakers)
    story.postpone()
    assert standing(story) == before
    assert set(story.letters(Purpose.ANNOUNCEMENT).values()) == {2}  # postponement, new dates
    told = story.letters(Purpose.ANNOUNCEMENT)
    assert set(story.addresses(everybody)) <= set(told)
    # The forecast that they have is for the old day: each gets one for the new day as well.
    story.go_to_the_day_before()
    assert story.letters(Purpose.FORECAST) == story.once(*speakers, times=2)


@pytest.fixture
def over(story: Story) -> Story:
    """The same hearing after its end, when all texts have been submitted."""
    story.go_to_the_day_before()
    story.postpone()
    story.correct()
    story.go_to_the_day_before()
    story.hand_in("Late Papers")  # after the deadline for statements
    story.admit_by_telephone("By Telephone")
    story.hold_first_panel()
    story.hand_in("After Words", "Much Later")  # after their panel
    story.hold_second_panel()
    story.hand_in("By Telephone", "Paper After")  # after the hearing
    return story


def test_every_statement_is_released_covered_and_a_source(over: Story) -> None:
    hearing = over.hearing
    assert set(over.rows) == set(SAID)
    releases = {
        row.registration.organization.name: row.release
        for row in Statement.objects.select_related("registration__organization")
    }
    assert releases == {
        **dict.fromkeys(
            ("Estmere", "Normere", "Open Doors", "Late Papers", "After Words", "By Telephone"),
            Release.DELIVERED,
        ),
        **dict.fromkeys(("Out of Time", "Much Later"), Release.NOT_REACHED),
        **dict.fromkeys(("Paper Only", "Paper After"), Release.WRITTEN),
    }
    summaries.draft(hearing=hearing, actor=over.world.office)
    texts = queries.statements_by_id(hearing)
    summary = queries.summary_of(hearing)
    assert summary is not None
    covered = queries.coverage(queries.parts(summary, texts), texts.values())
    assert (covered.confidential, covered.without_text) == ((), ())
    assert {*covered.reflected, *covered.not_yet} == set(texts.values())
    assert len(texts) == len(SAID)
    made = queries.interventions_covered(panel_outcomes(hearing), texts.values())
    assert (made.made, made.without_text) == (6, ())
    words = {
        texts[source.id].statement.registration.organization.name: source.text
        for source in sources.draft_material(hearing).statements
    }
    last = SAID | {"Open Doors": CORRECTED}
    assert {name: last[name] in text for name, text in words.items()} == dict.fromkeys(SAID, True)
    rows = Entry.objects.filter(hearing=hearing.pk).order_by("seq").values(*tally.FIELDS)
    assert verify.verify(rows).holds
    assert floor_of(over.world.panels[0].meeting_id).phase == "closed"


def test_each_letter_reaches_each_person_once(over: Story) -> None:
    missions = ("Estmere", "Normere")  # accepted without a decision
    assert over.letters(Purpose.DECISION) == over.once(
        *[name for name in SAID if name not in missions]
    )
    silent = ("Late Papers", "After Words", "Out of Time", "Much Later")
    # The first speaker for Normere was written to at another address.
    former = Person.objects.get(name="Speaker of Normere").email
    assert over.letters(Purpose.MISSING_STATEMENT) == over.once(*silent) + Counter([former])
    assert over.letters(Purpose.NOT_REACHED) == over.once("Out of Time", "Much Later")
    summaries.draft(hearing=over.hearing, actor=over.world.office)
    summaries.publish(hearing=over.hearing, actor=over.world.office)
    circulation.circulate(hearing=over.hearing, actor=over.world.office)
    with pytest.raises(SummaryRefused, match="already been sent"):
        circulation.circulate(hearing=over.hearing, actor=over.world.office)
    assert over.letters(Purpose.SUMMARY) == over.once(*SAID)


def test_no_letter_of_any_kind_is_sent_twice(over: Story) -> None:
    summaries.draft(hearing=over.hearing, actor=over.world.office)
    summaries.publish(hearing=over.hearing, actor=over.world.office)
    circulation.circulate(hearing=over.hearing, actor=over.world.office)
    rows = Message.objects.filter(hearing_id=over.hearing.pk)
    rows = rows.exclude(state=Message.State.CANCELLED)
    sent = Counter(rows.values_list("address", "purpose", "subject", "body"))
    assert [letter for letter, number in sent.items() if number > 1] == []
    kinds = {Purpose(purpose) for _address, purpose, _subject, _body in sent}
    assert kinds >= {
        *(Purpose.DECISION, Purpose.MISSING_STATEMENT, Purpose.FORECAST, Purpose.ANNOUNCEMENT),
        *(Purpose.NOT_REACHED, Purpose.SUMMARY, Purpose.RECEIPT),
    }
