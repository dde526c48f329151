"""The letters that accreditation causes, each queued in the turn of its act."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from hemicycle.accreditation.models import Approval, Copy, Edition, Objection
from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.registration import links
from hemicycle.registration.letters import when
from hemicycle.registration.models import Registration

Purpose = Message.Purpose


def approval_url(approval: Approval) -> str:
    """Where a focal point answers."""
    path = reverse("accreditation:approve", args=(links.derive(approval.id, 1),))
    return links.absolute(path)


def reading_url(edition: Edition) -> str:
    """Where whoever has no copy reads a no-objection list, and cannot object."""
    path = reverse("accreditation:circulated", args=(links.derive(edition.id, 1),))
    return links.absolute(path)


def copy_url(copy: Copy) -> str:
    """Where a mission reads its copy of a no-objection list, and objects."""
    path = reverse("accreditation:circulated", args=(links.derive(copy.id, 1),))
    return links.absolute(path)


def ask(approval: Approval) -> None:
    """Ask a focal point whether a registration is approved."""
    registration, person = approval.registration, approval.focal_point.person
    hearing = registration.hearing
    values = {
        "organization": registration.organization.name,
        "name": registration.person.name,
        "hearing": hearing.title,
        "until": when(approval.expires_at, hearing),
        "link": approval_url(approval),
    }
    with override(person.language):
        queue(
            hearing_id=hearing.id,
            purpose=Purpose.APPROVAL,
            subject=_("%(organization)s: do you approve?") % values,
            body=_(
                "%(name)s has registered for “%(hearing)s” for %(organization)s. You are the focal "
                "point who is asked whether this is approved.\n\nAnswer here: %(link)s\n\nThe link "
                "is yours alone, takes one answer, and holds until %(until)s."
            )
            % values,
            person=person,
        )


def answered(approval: Approval) -> None:
    """Tell the applicant what the focal point answered; why is for the secretariat."""
    registration = approval.registration
    with override(registration.person.language):
        approved = approval.state == Approval.State.APPROVED
        said = (
            _("The focal point has approved your registration. The next step follows by itself.")
            if approved
            else _("The focal point has not approved your registration. The secretariat decides.")
        )
        _to_applicant(registration, _("answer of the focal point"), said)


def listed(registration: Registration, edition: Edition) -> None:
    """Tell the applicant that their organization is on a list before Member States."""
    with override(registration.person.language):
        values = {"number": edition.number, "until": when(edition.deadline, edition.hearing)}
        said = _(
            "Your organization is on no-objection list %(number)s, which Member States have before "
            "them until %(until)s. You need to do nothing."
        )
        _to_applicant(registration, _("no-objection list"), said % values)


def _to_applicant(registration: Registration, subject: str, said: str) -> None:
    link = _("Your personal page, which nobody else should see: %(link)s")
    page = link % {"link": links.personal_url(registration)}
    queue(
        hearing_id=registration.hearing_id,
        purpose=Purpose.DECISION,
        subject=f"{registration.hearing}: {subject}",
        body=f"{said}\n\n{page}",
        person=registration.person,
    )


def circulate(copy: Copy) -> None:
    """Send a mission its copy of a no-objection list."""
    edition = copy.edition
    with override(copy.language):
        values = {
            "hearing": edition.hearing.title,
            "number": edition.number,
            "until": when(edition.deadline, edition.hearing),
            "link": copy_url(copy),
        }
        subject = _("No-objection list %(number)s: %(hearing)s") % values
        body = _(
            "The organizations on list %(number)s ask to take part in “%(hearing)s”. They are "
            "accepted unless a Member State objects by %(until)s.\n\nThe list, to read, to "
            "download and to object: %(link)s\n\nThe link is your mission’s own: whoever has it "
            "objects in its name. Pass it on within your mission alone."
        )
        _to_mission(copy, subject, body % values)


def objected(objection: Objection) -> None:
    """Tell a mission that its objection has come in."""
    copy, listed = objection.copy, objection.listed
    assert copy is not None
    with override(copy.language):
        values = {
            "number": listed.edition.number,
            "organization": listed.organization,
            "mission": objection.mission.name,
            "when": when(objection.received_at, listed.edition.hearing),
            "link": copy_url(copy),
        }
        subject = _("Objection received, list %(number)s: %(organization)s") % values
        body = _(
            "The objection of %(mission)s to %(organization)s on list %(number)s came in at "
            "%(when)s. The secretariat has it before it.\n\nIf your mission did not make it, tell "
            "the secretariat at once. Your copy of the list: %(link)s"
        )
        _to_mission(copy, subject, body % values)


def _to_mission(copy: Copy, subject: str, body: str) -> None:
    queue(
        hearing_id=copy.edition.hearing_id,
        purpose=Purpose.NO_OBJECTION,
        subject=subject,
        body=body,
        person=copy.person,
        address=copy.address,
        language=copy.language,
    )
