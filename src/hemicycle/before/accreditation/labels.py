"""The sentences by which the audit page describes accreditation's entries."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from hemicycle.before.accreditation.models import (
    Approval,
    Edition,
    EditionCopy,
    Evidence,
    FocalPoint,
    Objection,
)
from hemicycle.before.registration.labels import organization_names
from hemicycle.record import labels
from hemicycle.ui.times import in_utc

SENTENCES = {
    "evidence.added": _("%(registration)s added evidence (%(form)s, %(size)s bytes)."),
    "evidence.removed": _("%(registration)s removed a piece of evidence."),
    "focal_point.named": _("%(person)s was named focal point (category: %(category)s)."),
    "focal_point.dismissed": _("%(person)s is no longer focal point."),
    "approval.asked": _(
        "The focal point %(focal_point)s was asked about %(registration)s and can answer until "
        "%(expires)s."
    ),
    "approval.answered": _(
        "The focal point answered about %(registration)s: %(answer)s. Reason: %(reason)s"
    ),
    "approval.revoked": _("The focal point’s link about %(registration)s was revoked."),
    "no_objection.frozen": _(
        "No-objection list %(number)s was created. Organizations: %(lines)s. Objections until: "
        "%(deadline)s."
    ),
    "no_objection.circulated": _(
        "No-objection list %(edition)s was circulated. Addresses: %(recipients)s."
    ),
    "no_objection.left_out": _(
        "%(registration)s was left out of no-objection list %(edition)s. Reason: %(reason)s"
    ),
    "no_objection.discarded": _(
        "No-objection list %(edition)s was discarded before it was circulated. Reason: %(reason)s"
    ),
    "no_objection.replaced": _(
        "No-objection list %(edition)s was replaced by list %(successor)s. Added: %(added)s, "
        "removed: %(removed)s, corrected: %(corrected)s. Objections kept: %(objections)s."
    ),
    "no_objection.withdrawn": _(
        "No-objection list %(edition)s was withdrawn. Addresses: %(recipients)s. Reason: %(reason)s"
    ),
    "no_objection.recalled": _(
        "The letters about no-objection list %(edition)s were stopped before they were sent. "
        "Letters: %(letters)s."
    ),
    "no_objection.released": _(
        "The letters about no-objection list %(edition)s were sent earlier than planned. "
        "Letters: %(letters)s."
    ),
    "no_objection.closed": _("No-objection list %(edition)s was closed. Accepted: %(accepted)s."),
    "objection.entered": _(
        "An objection by %(mission)s to %(registration)s was entered, received "
        "%(received)s. Reason: %(reason)s"
    ),
    "objection.settled": _(
        "The objection to %(registration)s was settled: %(answer)s. Reason: %(reason)s"
    ),
}


def _focal_points(ids: set[str]) -> Mapping[str, str]:
    rows = FocalPoint.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "person__name")
    return {id.hex: name for id, name in rows}


def _editions(ids: set[str]) -> Mapping[str, str]:
    rows = Edition.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "number")
    return {id.hex: str(number) for id, number in rows}


def _copies(ids: set[str]) -> Mapping[str, str]:
    """Return the names of the missions that acted through copies of a list, by the copies' ids."""
    rows = EditionCopy.objects.filter(id__in=labels.row_ids(ids)).values_list("id", "mission__name")
    return {id.hex: name for id, name in rows}


labels.declare_sentences(SENTENCES)
labels.declare_names(_focal_points, "focal_point")
labels.declare_names(_editions, "edition", "successor")
labels.declare_names(_copies, "actor")
labels.declare_names(organization_names, "mission")
labels.declare_formats("evidence.added", form=labels.choice(Evidence.Form))
labels.declare_formats("approval.answered", answer=labels.choice(Approval.State))
labels.declare_formats("objection.settled", answer=labels.choice(Objection.State))
labels.declare_formats(expires=in_utc, deadline=in_utc, received=in_utc)
