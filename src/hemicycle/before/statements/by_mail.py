"""Statements that are received by mail, and requests to publish them.

A file in a message is read exactly like one that is submitted on the page: in the guarded process,
with the same limits and the same sentences. A request can publish only statements of its own
sender.
"""

import re
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.statements import actions
from hemicycle.before.statements.models import Statement
from hemicycle.documents.reading.refusals import UnreadableDocument
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.mail.incoming import panel_names
from hemicycle.mail.incoming.forms import choice_of
from hemicycle.mail.incoming.handlers import Case, HandlingResult, MailRefused, NeedsPerson, Take
from hemicycle.mail.incoming.matching import CERTAIN, SURE
from hemicycle.mail.incoming.reading import text
from hemicycle.mail.incoming.reading.parsed import Attachment
from hemicycle.record.writer import Actor, Writer

DOCUMENTS = (".pdf", ".docx", ".odt", ".txt", ".md", ".doc", ".rtf")
"""Suffixes of files that may be statements; reading them determines the format."""
DOCUMENT_TYPES = ("application/pdf", "application/vnd.openxmlformats", "application/vnd.oasis")
THE_TEXT, IN_WRITING = "text", "written"
LEAST_WORDS = 20
"""A body with fewer words is a cover note, not a statement."""
_NOT = re.compile(
    r"\b(not|don[’']?t|never|withdraw|revoke|no longer|remove|without|ne pas|ne plus|retirer|no "
    r"publi\w+|retirar|не|отзыва\w+|لا|سحب|عدم)\b|不",
    re.I,
)


def _registration(case: Case) -> Registration:
    rows = Registration.objects.select_related("person", "organization", "hearing", "category")
    assert case.registration is not None
    return rows.get(pk=case.registration)


def _places(registration: Registration) -> list[Inscription]:
    rows = registration.inscriptions.filter(state=Inscription.State.INSCRIBED)
    return list(rows.select_related("segment").order_by("segment__ordinal"))


def documents(case: Case) -> list[tuple[int, Attachment]]:
    """Return the files of a message that may be statements, with their numbers from 1.

    Files in a forwarded message count only if the message itself has none.
    """
    found = [
        (number, file)
        for number, file in enumerate(case.parsed.attachments, start=1)
        if file.data and _is_document(file)
    ]
    return [pair for pair in found if not pair[1].is_inner] or found


def _is_document(file: Attachment) -> bool:
    return file.name.lower().endswith(DOCUMENTS) or file.media_type.startswith(DOCUMENT_TYPES)


class StatementHandler:
    """The handler for written statements."""

    needs = SURE
    needs_registration = True

    def receive(self, case: Case) -> Take:
        """Submit the only document for the only place that it can be for."""
        registration = _registration(case)
        found = documents(case)
        if len(found) != 1:
            raise NeedsPerson("several_documents" if found else "no_document")
        (_number, file) = found[0]
        place = _place_for(case, registration)
        sent = (file.name, file.data)
        return _handing_in(case, registration, place, sent, actor_of(registration))

    def form(self, case: Case, data: Any = None) -> forms.Form:
        """Return the form that asks which file is the statement, and for which place."""
        return StatementChoice(case, _registration(case), data)

    def decide(self, case: Case, form: Any, actor: Actor) -> Take:
        """Submit the file that was chosen."""
        registration = _registration(case)
        chosen, where = form.cleaned_data["file"], form.cleaned_data["place"]
        places = {str(inscription.id): inscription for inscription in _places(registration)}
        place = places.get(where)
        if chosen == THE_TEXT:
            name, content = actions.TEXT_NAME, text.own(case.parsed.text).encode()
        else:
            file = case.parsed.attachments[int(chosen) - 1]
            name, content = file.name, file.data
        return _handing_in(case, registration, place, (name, content), actor)


def _place_for(case: Case, registration: Registration) -> Inscription | None:
    places = _places(registration)
    if len(places) <= 1:
        return places[0] if places else None
    segments = [place.segment for place in places]
    named = panel_names.named(case.parsed.subject, panel_names.panels_of(case.hearing))
    fitting = [place for place in places if place.segment in named]
    if len(segments) > 1 and len(fitting) == 1:
        return fitting[0]
    raise NeedsPerson("which_place")


def _refusing(take: Take) -> Take:
    """Turn a refusal into one that incoming mail reports."""

    @wraps(take)
    def taken(record: Writer) -> HandlingResult:
        try:
            return take(record)
        except RegistrationRefused as refused:
            raise MailRefused(refused.sentence) from refused

    return taken


def _handing_in(
    case: Case,
    registration: Registration,
    place: Inscription | None,
    file: tuple[str, bytes],
    actor: Actor,
) -> Take:
    """Read the file now; return a function that stores the version in the hearing's transaction."""
    name, data = file
    read = _read(registration, name, data)

    def take(_record: Writer) -> HandlingResult:
        done = actions.hand_in(
            registration=registration,
            inscription=place,
            file_name=name,
            data=data,
            by=registration.person,
            actor=actor,
            already=read,
            received_at=case.mail.received_at,
        )
        with speaking_to(registration.person):
            return _received(registration, place, done)

    return _refusing(take)


def _read(registration: Registration, name: str, data: bytes) -> actions.Read:
    """Read a file.

    The problem of a file that is accepted is described in the participant's language, since the
    answer to them contains it. Raises `MailRefused`, in the active language.
    """
    try:
        with speaking_to(registration.person):
            return actions.read_file(name, data)
    except actions.StatementRefused as refused:
        unfit = refused.__cause__
        assert isinstance(unfit, UnreadableDocument)
        raise MailRefused(actions.sentence_of(unfit)) from refused


def _received(
    registration: Registration, place: Inscription | None, done: actions.HandInResult
) -> HandlingResult:
    values = {
        "number": done.version.number,
        "words": done.version.words,
        "name": done.version.file_name,
        "panel": place.segment.title if place else "",
        "link": links.personal_url(registration),
    }
    said = _("We have received your statement: “%(name)s”. Version: %(number)s. Words: %(words)s.")
    where = (
        _("It is for your place in “%(panel)s”.")
        if place
        else _("It is a contribution in writing.")
    )
    closed = _("It stays confidential until it is delivered.")
    page = _("Your personal page (private link, do not share it): %(link)s")
    trouble = (
        _("Your file has been saved, but: %(why)s") % {"why": done.problem} if done.problem else ""
    )
    is_late = registration.hearing.is_late_statement(done.version.received_at)
    late = _("It came after the deadline and is marked as late.") if is_late else ""
    parts = (said % values, trouble, late, where % values, closed, page % values)
    return HandlingResult(
        subject=_("we have received your statement"),
        body="\n\n".join(filter(None, parts)),
        person=registration.person,
        registration=registration.id,
    )


class StatementChoice(forms.Form):
    """The form that asks which of a message's files is the statement, and for which place."""

    def __init__(self, case: Case, registration: Registration, data: Any = None) -> None:
        super().__init__(data)
        files = [(str(number), file.name) for number, file in documents(case)]
        own = text.own(case.parsed.text)
        if len(own.split()) >= LEAST_WORDS or not files:
            files.append((THE_TEXT, _("the text of the message")))
        self.fields["file"] = choice_of(gettext_lazy("Which text is the statement?"), files)
        places = [
            (str(inscription.id), inscription.segment.title)
            for inscription in _places(registration)
        ]
        where = [*places, (IN_WRITING, _("a contribution in writing"))]
        preset = {"initial": where[0][0]} if len(places) == 1 else {}
        self.fields["place"] = choice_of(gettext_lazy("For which place?"), where, **preset)


class PublicationHandler:
    """The handler for requests to publish a statement; it publishes only those of the sender."""

    needs = CERTAIN
    needs_registration = True

    def receive(self, case: Case) -> Take:
        """Allow the publication of the statement that the message is about.

        Raises `NeedsPerson` if the statement or the request is unclear.
        """
        registration = _registration(case)
        own = _statements(registration)
        if not own:
            raise NeedsPerson("no_statement")
        said = f"{case.parsed.subject}\n{text.own(case.parsed.text)[:4000]}"
        if _NOT.search(said):
            raise NeedsPerson("no_request")
        wanted = own if len(own) == 1 else _named(case, said, own)
        return _publishing(registration, wanted, actor_of(registration), publish=True)

    def form(self, case: Case, data: Any = None) -> forms.Form:
        """Return the form that asks which statements are meant, and whether to publish them."""
        return PublicationChoice(_statements(_registration(case)), data)

    def decide(self, case: Case, form: Any, actor: Actor) -> Take:
        """Allow the chosen statements to be published, or withdraw that consent."""
        registration = _registration(case)
        chosen = {UUID(pk) for pk in form.cleaned_data["statements"]}
        wanted = [statement for statement in _statements(registration) if statement.pk in chosen]
        publish = form.cleaned_data["publish"] == "yes"
        return _publishing(registration, wanted, actor, publish=publish)


def _statements(registration: Registration) -> list[Statement]:
    rows = Statement.objects.filter(registration=registration, versions__isnull=False).distinct()
    return list(rows.select_related("inscription__segment", "registration"))


def _named(case: Case, said: str, own: list[Statement]) -> list[Statement]:
    segments = panel_names.named(said, panel_names.panels_of(case.hearing))
    found = [
        statement
        for statement in own
        if statement.inscription and statement.inscription.segment in segments
    ]
    if not found:
        raise NeedsPerson("which_statement")
    return found


def title_of(statement: Statement) -> str:
    """Return what distinguishes the statement from the sender's others."""
    place = statement.inscription
    return place.segment.title if place else _("a contribution in writing")


def _publishing(
    registration: Registration, wanted: list[Statement], actor: Actor, *, publish: bool
) -> Take:
    def take(_record: Writer) -> HandlingResult:
        for statement in wanted:
            actions.set_consent(statement=statement, publish=publish, actor=actor)
        with speaking_to(registration.person):
            said = (
                _("Your statement can be published once it is delivered.")
                if publish
                else _(
                    "Your statement will not be published. If it was public, it has been removed."
                )
            )
            titles = "\n".join(f"– {title_of(statement)}" for statement in wanted)
            back = _("You can change this at any time on your personal page: %(link)s")
            link = {"link": links.personal_url(registration)}
            return HandlingResult(
                subject=_("publication of your statement"),
                body=f"{said}\n\n{titles}\n\n{back % link}",
                person=registration.person,
                registration=registration.id,
            )

    return _refusing(take)


class PublicationChoice(forms.Form):
    """The form that asks which statements are meant, and what the sender asks for."""

    def __init__(self, own: list[Statement], data: Any = None) -> None:
        super().__init__(data)
        choices = [(str(statement.pk), title_of(statement)) for statement in own]
        self.fields["statements"] = forms.MultipleChoiceField(
            label=gettext_lazy("Which statements?"),
            choices=choices,
            widget=forms.CheckboxSelectMultiple,
            initial=[choices[0][0]] if len(choices) == 1 else [],
            error_messages={
                "required": gettext_lazy("Choose a statement, or wait until one is submitted.")
            },
        )
        self.fields["publish"] = choice_of(
            gettext_lazy("What does the sender ask for?"),
            [("yes", _("that it may be published")), ("no", _("that it is not published"))],
        )
