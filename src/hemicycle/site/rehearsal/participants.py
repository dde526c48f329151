"""What participants do after their form was accepted, until the first meeting and during it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from random import Random
from uuid import UUID
from xml.sax.saxutils import escape
from zipfile import ZipFile

from hemicycle.before.registration import changes
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.actions import Submitted, submit
from hemicycle.before.registration.confirming import confirm
from hemicycle.before.registration.forms import form_for
from hemicycle.before.registration.models import CoSigner, Inscription, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.before.statements import actions as statements
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.site.rehearsal.arrivals import DAY, HOUR, Form
from hemicycle.site.rehearsal.people import PeopleGenerator
from hemicycle.site.rehearsal.schedule import Schedule
from hemicycle.site.rehearsal.speech import statement
from hemicycle.ui.languages import speaking

MALFORMED = "malformed"
Vouch = Registration.Vouch
HAND_IN = 0.5
"""The default share of places on the lists for which a statement is submitted."""


@dataclass(slots=True)
class Participants:
    """All senders of forms, and the results of their actions.

    `wanted` is the total number of statements, if it is given: no more are submitted then, and
    `make_up` submits the missing ones.
    """

    hearing: Hearing
    facts: Facts
    schedule: Schedule
    people: PeopleGenerator
    random: Random
    topics: list[str]
    ends: int
    hand_in: float = HAND_IN
    wanted: int | None = None
    handed_in: int = 0
    forms: dict[UUID, Form] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    registered: int = 0
    repeated: int = 0

    def send(self, form: Form) -> None:
        """Send a form, as often as its sender presses the button."""
        for press in range(form.times):
            with speaking(form.language):
                self._send_once(form, again=press > 0)

    def _send_once(self, form: Form, *, again: bool) -> None:
        received_at = clock.now()
        filled = form_for(form.track.kind)(self.facts, form.data, track=form.track.key)
        if not filled.is_valid():
            self._refuse(MALFORMED, again=again)
            return
        try:
            done = submit(
                facts=self.facts,
                cleaned=replace(filled.cleaned(), country=""),  # no invented person is from there
                received_at=received_at,
                vouch=Vouch.INVITATION if form.track.is_for_missions else Vouch.NONE,
            )
        except RegistrationRefused as refused:
            self._refuse(refused.reason.value, again=again)
            return
        if done.repeated:
            self.repeated += 1
            return
        self.registered += 1
        confirm(registration=done.registration)
        self._plan(done, form)

    def _refuse(self, reason: str, *, again: bool) -> None:
        """Count a refused form once, however often its sender pressed the button."""
        if again:
            self.repeated += 1
        else:
            self.refused[reason] += 1

    # ── After the registration ────────────────────────────────────────────────────────────────────
    def _plan(self, done: Submitted, form: Form) -> None:
        """Plan the actions of this participant in the following days."""
        registration, random = done.registration, self.random
        self.forms[registration.pk] = form
        for co_signer in registration.co_signers.all():
            if random.random() < 0.85:
                self._later(2 * DAY, self._answer(co_signer.pk))
        for request in done.inscriptions:
            if random.random() < self.hand_in:
                self._later(8 * DAY, self._hand_in(registration.pk, request.segment_id, form))
        if not done.inscriptions and random.random() < 0.06:
            self._later(6 * DAY, self._hand_in(registration.pk, None, form))
        if random.random() < 0.03:
            self._later(9 * DAY, self._withdraw(registration.pk))
        elif random.random() < 0.04:
            self._later(7 * DAY, self._replace(registration.pk, form.language))
        elif random.random() < 0.03:
            self._later(1 * DAY, self._correct(registration.pk))

    def _later(self, within: int, action: Callable[[], None]) -> None:
        now = clock.now_ms()
        latest = max(now + HOUR, self.ends - HOUR)
        self.schedule.put(min(now + self.random.randrange(HOUR, within), latest), action)

    def _answer(self, pk: UUID) -> Callable[[], None]:
        consents = self.random.random() < 0.88

        def answer() -> None:
            co_signer = CoSigner.objects.select_related("registration").get(pk=pk)
            state = CoSigner.State.CONSENTED if consents else CoSigner.State.DECLINED
            if co_signer.registration.is_live:
                changes.answer_co_signing(co_signer=co_signer, state=state)

        return answer

    def _hand_in(self, pk: UUID, segment: UUID | None, form: Form) -> Callable[[], None]:
        random = self.random
        words = round(min(500, max(200, random.gauss(345, 75))))
        organization = form.data.get("organization") or ""
        kind, publish = random.choice(KINDS), random.random() < 0.7
        seed = random.random()

        def hand_in() -> None:
            registration = _with_organization(pk)
            place = Inscription.objects.filter(registration=registration, segment=segment).last()
            if not registration.is_live or (segment and place is None) or self._enough:
                return
            self.handed_in += 1
            name = organization or registration.organization.name
            text = statement(Random(seed), form.language, name, self.topics, words)
            taken = statements.hand_in(
                registration=registration,
                inscription=place if segment else None,
                file_name=f"statement.{kind}",
                data=WRITERS[kind](text),
                by=registration.person,
                actor=actor_of(registration),
            )
            if publish:
                statements.set_consent(
                    statement=taken.version.statement, publish=True, actor=actor_of(registration)
                )

        return hand_in

    @property
    def _enough(self) -> bool:
        return self.wanted is not None and self.handed_in >= self.wanted

    def make_up(self) -> None:
        """Submit statements up to the wanted number: for places on lists, then in writing."""
        if self.wanted is None:
            return
        live = Registration.objects.filter(hearing=self.hearing, status__in=Registration.LIVE)
        places = Inscription.objects.filter(
            registration__in=live, state=Inscription.State.INSCRIBED, statement=None
        )
        missing = list(places.order_by("arrival").values_list("registration_id", "segment_id"))
        self.random.shuffle(missing)
        without = live.filter(statements=None).exclude(pk__in=[pk for pk, _ in missing])
        silent = list(without.order_by("arrival").values_list("pk", flat=True))
        for pk, segment in [*missing, *((pk, None) for pk in silent)]:
            if not self._enough:
                self._hand_in(pk, segment, self.forms[pk])()

    def _withdraw(self, pk: UUID) -> Callable[[], None]:
        def withdraw() -> None:
            registration = _with_organization(pk)
            if registration.is_live:
                changes.withdraw(
                    registration=registration,
                    reason="Another obligation on that day.",
                    actor=actor_of(registration),
                )

        return withdraw

    def _replace(self, pk: UUID, language: str) -> Callable[[], None]:
        who = self.people.person(language)

        def replace() -> None:
            registration = _with_organization(pk)
            if registration.is_live:
                changes.replace_speaker(
                    registration=registration,
                    name=who.name,
                    email=who.email,
                    title=who.title,
                    actor=actor_of(registration),
                )

        return replace

    def step_back(self, pk: UUID, *, leaves: bool) -> None:
        """Withdraw a registration now if `leaves`, or else replace its speaker."""
        (self._withdraw(pk) if leaves else self._replace(pk, self.people.language()))()

    def _correct(self, pk: UUID) -> Callable[[], None]:
        def correct() -> None:
            registration = _with_organization(pk)
            now = clock.now()
            if registration.is_live and self.facts.is_open(registration.track, now):
                changes.correct(
                    registration=registration,
                    facts=self.facts,
                    data={"title": "Head of delegation"},
                    received_at=now,
                    actor=actor_of(registration),
                )

        return correct


def _with_organization(pk: UUID) -> Registration:
    related = ("hearing", "person", "organization")
    return Registration.objects.select_related(*related).get(pk=pk)


# ── The files of statements ───────────────────────────────────────────────────────────────────
def _docx(text: str) -> bytes:
    from docx import Document  # imported only for statements in this format

    document, file = Document(), BytesIO()
    for paragraph in text.split("\n\n"):
        document.add_paragraph(paragraph)
    document.save(file)
    return file.getvalue()


def _odt(text: str) -> bytes:
    """Return a minimal OpenDocument text."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("mimetype", ODT)  # first and uncompressed, as the format requires
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        paragraphs = "".join(f"<text:p>{escape(part)}</text:p>" for part in text.split("\n\n"))
        archive.writestr("content.xml", CONTENT.format(paragraphs=paragraphs))
    return file.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
MANIFEST = (
    f'<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODT}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
CONTENT = (
    f'<office:document-content xmlns:office="{_OASIS}:office:1.0"'
    f' xmlns:text="{_OASIS}:text:1.0" office:version="1.3"><office:body><office:text>'
    "{paragraphs}</office:text></office:body></office:document-content>"
)


def _locked(_: str) -> bytes:
    """Return a file with a password, whose text cannot be read: the hearing stores the file, and
    asks for the text.
    """
    return Path(__file__).with_name("locked.pdf").read_bytes()


WRITERS: dict[str, Callable[[str], bytes]] = {
    "txt": str.encode,
    "docx": _docx,
    "odt": _odt,
    "pdf": _locked,
}
KINDS = ("txt",) * 14 + ("docx",) * 4 + ("odt", "pdf")
