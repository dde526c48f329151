"""The sentences that describe registrations' entries on the audit page."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from hemicycle.before.registration.models import (
    CoSigner,
    JoinProposal,
    PendingChange,
    Registration,
)
from hemicycle.hearing.people.models import Organization
from hemicycle.hearing.setup.models import Category
from hemicycle.record import labels

SENTENCES = {
    "registration.received": _(
        "The registration %(registration)s of %(person)s for %(organization)s was received "
        "(%(track)s, %(category)s)."
    ),
    "registration.admitted_late": _(
        "The registration %(registration)s was admitted after the deadline. Reason: %(reason)s"
    ),
    "registration.entered": _(
        "The secretariat entered the registration %(registration)s. How it was received: %(way)s."
    ),
    "registration.confirmed": _("The registration %(registration)s was confirmed."),
    "registration.lapsed": _(
        "The registration %(registration)s expired: it was not confirmed in time."
    ),
    "registration.vouched": _(
        "The mission of the registration %(registration)s was verified, by: %(by)s."
    ),
    "registration.corrected": _("The registration %(registration)s was corrected: %(fields)s."),
    "registration.email_changed": _(
        "The e-mail address of the registration %(registration)s was changed."
    ),
    "registration.change_asked": _(
        "A change of the registration %(registration)s was asked for: %(kind)s. It has to be "
        "confirmed from the new address."
    ),
    "registration.change_cancelled": _(
        "A change of the registration %(registration)s was cancelled: %(kind)s."
    ),
    "registration.public_name": _(
        "The public name of the registration %(registration)s was set (alias: %(alias)s)."
    ),
    "registration.decided": _(
        "The registration %(registration)s was decided: %(outcome)s. Reason: %(reason)s"
    ),
    "registration.noted": _("The secretariat noted about %(registration)s: %(note)s"),
    "registration.waits": _(
        "The registration %(registration)s was put on the waiting list (panel: %(segment)s)."
    ),
    "registration.promoted": _(
        "The registration %(registration)s moved up from the waiting list (panel: %(segment)s)."
    ),
    "registration.withdrawn": _(
        "The registration %(registration)s was withdrawn. Reason: %(reason)s"
    ),
    "registration.merged": _(
        "The registration %(merged)s was merged into %(registration)s. Reason: %(reason)s"
    ),
    "registration.person_replaced": _(
        "In the registration %(registration)s, %(after)s replaced %(before)s."
    ),
    "registration.link_revoked": _(
        "The personal link of %(registration)s was revoked. Reason: %(reason)s"
    ),
    "registration.letter_stopped": _(
        "The letter on the decision about %(registration)s was stopped. The decision stands."
    ),
    "registration.letter_released": _(
        "The letter on the decision about %(registration)s was sent manually."
    ),
    "speaker.admitted_late": _(
        "%(inscription)s was put on the list after the deadline. Reason: %(reason)s"
    ),
    "joint.proposed": _("%(first)s and %(second)s were asked to speak jointly."),
    "joint.answered": _("%(inscription)s answered the proposal to speak jointly: %(answer)s."),
    "joint.joined": _("%(left)s left the list and is a co-signer of %(kept)s, as both had agreed."),
    "missions.listed": _("The list of missions was changed: %(added)s added, %(removed)s removed."),
    "co_signer.asked": _("A co-signer of %(registration)s was asked to consent."),
    "co_signer.removed": _("A co-signer of %(registration)s is no longer named."),
    "co_signer.public_name": _(
        "The public name of a co-signer of %(registration)s was set (alias: %(alias)s)."
    ),
    "co_signer.answered": _("A co-signer of %(registration)s answered: %(answer)s."),
}


def _references(ids: set[str]) -> Mapping[str, str]:
    rows = Registration.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "reference")
    return {id.hex: reference for id, reference in rows}


def organization_names(ids: set[str]) -> Mapping[str, str]:
    """Return the names of organizations, by id."""
    rows = Organization.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "name")
    return {id.hex: name for id, name in rows}


def _categories(ids: set[str]) -> Mapping[str, str]:
    rows = Category.objects.filter(id__in=labels.row_ids(ids))
    return {row.pk.hex: row.label for row in rows}


labels.declare_sentences(SENTENCES)
labels.declare_names(_references, "registration", "merged")
labels.declare_names(organization_names, "organization")
labels.declare_names(_categories, "category")
labels.declare_formats("co_signer.answered", answer=labels.choice(CoSigner.State))
labels.declare_formats("joint.answered", answer=labels.choice(JoinProposal.Answer))
labels.declare_formats(by=lambda value: str(Registration.Vouch(value).label))
for changed in ("registration.change_asked", "registration.change_cancelled"):
    labels.declare_formats(changed, kind=labels.choice(PendingChange.Kind))
labels.declare_formats(way=lambda value: str(Registration.Way(value).label))
labels.declare_formats(outcome=lambda value: str(Registration.Status(value).label))
