"""The letters of accreditation, each queued in the transaction of its action."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from hemicycle.before.accreditation import editions
from hemicycle.before.accreditation.editions import ListChanges
from hemicycle.before.accreditation.models import (
    Approval,
    Edition,
    EditionCopy,
    EditionLine,
    Objection,
)
from hemicycle.before.registration import links
from hemicycle.before.registration.letters import LINK, NAME, page_words
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.private_links import whole
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import letterheads, wording
from hemicycle.mail.outgoing.frame import when
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    composed,
    declare,
    send,
    written,
)
from hemicycle.ui.languages import labelled
from hemicycle.ui.times import number, reading_in

Purpose = Message.Purpose
TITLE = Field("hearing", gettext_lazy("the hearing’s title"))


def approval_url(approval: Approval) -> str:
    """Return the address where a focal point answers."""
    path = whole("accreditation:approve", links.derive(approval.id, 1))
    return links.absolute(path)


def reading_url(edition: Edition) -> str:
    """Return the address of a no-objection list for reading only."""
    path = whole("accreditation:circulated", links.derive(edition.id, 1))
    return links.absolute(path)


def copy_url(copy: EditionCopy) -> str:
    """Return the address of a mission's copy, where it can object."""
    path = whole("accreditation:circulated", links.derive(copy.id, 1))
    return links.absolute(path)


# ── The focal point ───────────────────────────────────────────────────────────────────────────
def _ask_text() -> Text:
    return composed(
        _("%(organization)s: do you approve?") % BRACES,
        _(
            "%(name)s has registered for “%(hearing)s” on behalf of %(organization)s. As the focal "
            "point, you are asked to approve or decline the registration."
        )
        % BRACES,
        _("Answer here: %(link)s") % BRACES,
        _("This link is private. You can answer once, until %(until)s.") % BRACES,
    )


def _ask_values(approval: Approval) -> Values:
    registration = approval.registration
    return {
        "organization": registration.organization.name,
        "name": registration.person.name,
        "hearing": registration.hearing.title,
        "until": when(approval.expires_at, registration.hearing),
        "link": approval_url(approval),
    }


def _latest_approval(hearing: Hearing, *states: Approval.State) -> Approval | None:
    rows = Approval.objects.filter(
        registration__hearing=hearing, registration__person__erased_at=None
    )
    found = rows.filter(state__in=states) if states else rows
    related = ("registration__hearing", "registration__person", "registration__organization")
    return found.select_related(*related).order_by("-asked_at").first()


def _ask_example(hearing: Hearing) -> Values | None:
    last = _latest_approval(hearing)
    return _ask_values(last) if last else None


ASK = declare(
    Letter(
        "approval",
        Purpose.APPROVAL,
        gettext_lazy("Question to a focal point"),
        _ask_text,
        (
            NAME,
            TITLE,
            Field("organization", gettext_lazy("organization of the participant")),
            Field("until", gettext_lazy("until when the link is valid")),
            Field("link", gettext_lazy("address at which the focal point answers"), required=True),
        ),
        example=_ask_example,
    )
)


def ask(approval: Approval) -> None:
    """Ask a focal point whether a registration is approved."""
    person = approval.focal_point.person
    with speaking_to(person):
        values = _ask_values(approval)
        send(ASK, hearing=approval.registration.hearing, values=values, person=person)


def _approved_text() -> Text:
    said = _("The focal point has approved your registration. You do not need to do anything now.")
    return _to_applicant(_("the focal point has answered"), said)


def _declined_text() -> Text:
    said = _(
        "The focal point has not approved your registration. The secretariat will decide "
        "and write to you."
    )
    return _to_applicant(_("the focal point has answered"), said)


def _to_applicant(subject: str, said: str) -> Text:
    return built_in(subject, said, page_words())


def _applicant(registration: Registration) -> dict[str, str]:
    return {"name": registration.person.name, "link": links.personal_url(registration)}


def _answered(
    state: Approval.State, key: str, label: str | Promise, text: Callable[[], Text]
) -> Letter:
    def example(hearing: Hearing) -> Values | None:
        last = _latest_approval(hearing, state)
        return _applicant(last.registration) if last else None

    return declare(Letter(key, Purpose.DECISION, label, text, (NAME, LINK), example=example))


ANSWERED = {
    Approval.State.APPROVED: _answered(
        Approval.State.APPROVED,
        "approval-given",
        gettext_lazy("Approved by the focal point"),
        _approved_text,
    ),
    Approval.State.DECLINED: _answered(
        Approval.State.DECLINED,
        "approval-declined",
        gettext_lazy("Not approved by the focal point"),
        _declined_text,
    ),
}


def answered(approval: Approval) -> None:
    """Tell the applicant the focal point's answer; its reason is for the secretariat only."""
    letter = ANSWERED[Approval.State(approval.state)]
    registration, person = approval.registration, approval.registration.person
    send(letter, hearing=registration.hearing, values=_applicant(registration), person=person)


# ── The no-objection list ─────────────────────────────────────────────────────────────────────
MISSION = Field("mission", gettext_lazy("name of the mission"))
NUMBER = Field("number", gettext_lazy("number of the no-objection list"))
UNTIL = Field("until", gettext_lazy("until when Member States may object"))
COPY = Field("link", gettext_lazy("address of the mission’s own copy of the list"), required=True)


def _listed_text() -> Text:
    said = _(
        "Your organization is on no-objection list %(number)s. Member States can object until "
        "%(until)s. You do not need to do anything."
    )
    return _to_applicant(_("no-objection list"), said % BRACES)


def _edition_values(edition: Edition) -> dict[str, str]:
    return {"number": str(edition.number), "until": when(edition.deadline, edition.hearing)}


def _listed_example(hearing: Hearing) -> Values | None:
    rows = EditionLine.objects.filter(
        edition__hearing=hearing, registration__person__erased_at=None
    )
    related = ("edition__hearing", "registration__person")
    last = rows.select_related(*related).order_by("-edition__number", "ordinal").first()
    return _edition_values(last.edition) | _applicant(last.registration) if last else None


LISTED = declare(
    Letter(
        "listed",
        Purpose.DECISION,
        gettext_lazy("No-objection list, to an applicant on it"),
        _listed_text,
        (NAME, NUMBER, UNTIL, LINK),
        example=_listed_example,
    )
)


def listed(registration: Registration, edition: Edition, once: str) -> None:
    """Tell the applicant that their organization is on a list before Member States."""
    _about_list(LISTED, registration, edition, once)


def _about_list(letter: Letter, registration: Registration, edition: Edition, once: str) -> None:
    send(
        letter,
        hearing=edition.hearing,
        values=lambda: _edition_values(edition) | _applicant(registration),
        person=registration.person,
        once=once,
        held=True,
    )


def _unlisted_text() -> Text:
    said = _(
        "Your organization is no longer on no-objection list %(number)s. The secretariat will "
        "write to you about the next step."
    )
    return _to_applicant(_("no-objection list"), said % BRACES)


UNLISTED = declare(
    Letter(
        "unlisted",
        Purpose.DECISION,
        gettext_lazy("No longer on the no-objection list, to an applicant"),
        _unlisted_text,
        (NAME, NUMBER, LINK),
        example=_listed_example,
    )
)


def unlisted(registration: Registration, edition: Edition, once: str) -> None:
    """Tell the applicant that their organization is not on a list any more."""
    _about_list(UNLISTED, registration, edition, once)


def _circulated_text() -> Text:
    return composed(
        _("No-objection list %(number)s: %(hearing)s") % BRACES,
        _(
            "The organizations on list %(number)s wish to take part in “%(hearing)s”. They are "
            "accepted unless a Member State objects by %(until)s."
        )
        % BRACES,
        *_copy_words(),
    )


def _copy_words() -> tuple[str, str]:
    return (
        _("Read, download or object to the list here: %(link)s") % BRACES,
        _(
            "This link belongs to your mission: anyone who has it can object in its name. Share it "
            "only within your mission."
        ),
    )


def _circulated_values(copy: EditionCopy) -> Values:
    edition = copy.edition
    return _edition_values(edition) | {
        "hearing": edition.hearing.title,
        "mission": copy.mission.name,
        "link": copy_url(copy),
    }


def _circulated_example(hearing: Hearing) -> Values | None:
    rows = EditionCopy.objects.filter(edition__hearing=hearing)
    last = rows.select_related("edition__hearing", "mission").order_by("-edition__number").first()
    return _circulated_values(last) if last else None


CIRCULATED = declare(
    Letter(
        "no-objection",
        Purpose.NO_OBJECTION,
        gettext_lazy("No-objection list, to a mission"),
        _circulated_text,
        (TITLE, MISSION, NUMBER, UNTIL, COPY),
        example=_circulated_example,
    )
)


REPLACED = Field("replaced", gettext_lazy("number of the list that is replaced"))
CHANGES = Field("changes", gettext_lazy("how many lines were added, removed and corrected"))


def _corrected_text() -> Text:
    return composed(
        _("No-objection list %(number)s replaces list %(replaced)s: %(hearing)s") % BRACES,
        _(
            "List %(number)s replaces list %(replaced)s of “%(hearing)s”. The organizations on it "
            "are accepted unless a Member State objects by %(until)s."
        )
        % BRACES,
        _("What has changed:\n%(changes)s") % BRACES,
        _(
            "Objections of your mission to organizations that stay on the list are kept. You do "
            "not need to make them again."
        ),
        *_copy_words(),
    )


def _changes_values(copy: EditionCopy, changed: ListChanges) -> Values:
    replaced = copy.edition.replaces
    lines = (
        (pgettext("lines of a list", "Added"), changed.added),
        (_("Removed"), changed.removed),
        (_("Corrected"), changed.corrected),
    )
    return {
        "replaced": str(replaced.number) if replaced else "",
        # Only numbers: an alias that is set later changes the page but not a letter already sent.
        "changes": "\n".join(labelled(name, number(len(found))) for name, found in lines if found),
    }


def _corrected_example(hearing: Hearing) -> Values | None:
    rows = EditionCopy.objects.filter(edition__hearing=hearing, edition__replaces__isnull=False)
    related = ("edition__hearing", "edition__replaces", "mission")
    last = rows.select_related(*related).order_by("-edition__number", "pk").first()
    changed = editions.changes(last.edition) if last else None
    if last is None or changed is None:
        return None
    return {**_circulated_values(last), **_changes_values(last, changed)}


CORRECTED = declare(
    Letter(
        "no-objection-corrected",
        Purpose.NO_OBJECTION,
        gettext_lazy("Corrected no-objection list, to a mission"),
        _corrected_text,
        (TITLE, MISSION, NUMBER, REPLACED, CHANGES, UNTIL, COPY),
        example=_corrected_example,
    )
)


def _withdrawn_text() -> Text:
    return composed(
        _("No-objection list %(number)s is withdrawn: %(hearing)s") % BRACES,
        _(
            "The secretariat has withdrawn no-objection list %(number)s of “%(hearing)s”. Your "
            "mission does not need to do anything. Objections that were made are kept."
        )
        % BRACES,
        _("Reason: %(reason)s") % BRACES,
        _("Your copy of the list: %(link)s") % BRACES,
    )


def _withdrawn_example(hearing: Hearing) -> Values | None:
    rows = EditionCopy.objects.filter(edition__hearing=hearing, edition__withdrawn_at__isnull=False)
    related = ("edition__hearing", "mission")
    last = rows.select_related(*related).order_by("-edition__number", "pk").first()
    return {**_circulated_values(last), "reason": "…"} if last else None


WITHDRAWN = declare(
    Letter(
        "no-objection-withdrawn",
        Purpose.NO_OBJECTION,
        gettext_lazy("Withdrawn no-objection list, to a mission"),
        _withdrawn_text,
        (
            TITLE,
            MISSION,
            NUMBER,
            Field("reason", gettext_lazy("why the list is withdrawn")),
            Field("link", gettext_lazy("address of the mission’s own copy of the list")),
        ),
        example=_withdrawn_example,
    )
)


@dataclass(frozen=True, slots=True)
class ToMission:
    """A letter to one mission about its copy of a list."""

    letter: Letter
    copy: EditionCopy
    values: Callable[[], Values]


def about(
    copy: EditionCopy, changed: ListChanges | None = None, withdrawn_for: str | None = None
) -> ToMission:
    """Return the letter with a mission's copy: of a list, a corrected list, or a withdrawn one."""
    if withdrawn_for is not None:
        return ToMission(
            WITHDRAWN, copy, lambda: {**_circulated_values(copy), "reason": withdrawn_for}
        )
    if changed is not None:
        return ToMission(
            CORRECTED, copy, lambda: {**_circulated_values(copy), **_changes_values(copy, changed)}
        )
    return ToMission(CIRCULATED, copy, lambda: _circulated_values(copy))


def sample(to: ToMission) -> Text:
    """Return a letter as its mission would read it, with its links shortened."""
    copy = to.copy
    with _clock_of(copy):
        text = written(
            to.letter,
            hearing=copy.edition.hearing,
            values=to.values,
            person=copy.person,
            address=copy.address,
            language=copy.language,
        )
    return wording.sample(copy.edition.hearing, to.letter, text)


def to_mission(to: ToMission, once: str) -> None:
    """Queue a held letter to a mission; the key `once` prevents a second one."""
    _to_mission(to, once=once, held=True)


def _objected_text() -> Text:
    return composed(
        _("Objection received, list %(number)s: %(organization)s") % BRACES,
        _(
            "We received the objection of %(mission)s to %(organization)s on list %(number)s on "
            "%(when)s. The secretariat will settle it."
        )
        % BRACES,
        _("If your mission did not make this objection, tell the secretariat at once."),
        _("Your copy of the list: %(link)s") % BRACES,
    )


def _objected_values(objection: Objection, copy: EditionCopy) -> Values:
    line = objection.line
    return {
        "number": str(line.edition.number),
        "organization": line.organization,
        "mission": objection.mission.name,
        "when": when(objection.received_at, line.edition.hearing),
        "link": copy_url(copy),
    }


def _objected_example(hearing: Hearing) -> Values | None:
    rows = Objection.objects.filter(line__edition__hearing=hearing).exclude(copy=None)
    related = ("line__edition__hearing", "mission", "copy")
    last = rows.select_related(*related).order_by("-received_at").first()
    return _objected_values(last, last.copy) if last and last.copy else None


OBJECTED = declare(
    Letter(
        "objection",
        Purpose.NO_OBJECTION,
        gettext_lazy("Objection received"),
        _objected_text,
        (
            MISSION,
            Field("organization", gettext_lazy("organization that was objected to")),
            Field("when", gettext_lazy("when the objection was received")),
            NUMBER,
            COPY,
        ),
        example=_objected_example,
    )
)


def objected(objection: Objection) -> None:
    """Tell a mission that its objection was received."""
    copy = objection.copy
    assert copy is not None
    _to_mission(ToMission(OBJECTED, copy, lambda: _objected_values(objection, copy)))


def _to_mission(to: ToMission, *, once: str = "", held: bool = False) -> None:
    copy, hearing = to.copy, to.copy.edition.hearing
    with _clock_of(copy):
        send(
            to.letter,
            hearing=hearing,
            values=to.values,
            person=copy.person,
            address=copy.address,
            language=copy.language,
            once=once,
            reference=letterheads.reference_of(hearing.id, editions.reference_key(copy.edition)),
            held=held,
        )


def _clock_of(copy: EditionCopy) -> AbstractContextManager[None]:
    """Show times in the mission's time zone, not in that of the officer who sends the letter."""
    return reading_in(copy.person.time_zone if copy.person else "")
