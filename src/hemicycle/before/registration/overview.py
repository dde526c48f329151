"""What registrations show on the office's overview, and how the record tells of them."""

from collections.abc import Iterable, Mapping

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hemicycle.before.registration import waiting
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Organization, Person, Role, Track
from hemicycle.hearing.setup import signals
from hemicycle.hearing.setup.models import Category, Hearing
from hemicycle.hearing.setup.signals import Figure, Link, Task
from hemicycle.record import labels

SENTENCES = {
    "registration.received": gettext_lazy(
        "The registration %(registration)s of %(person)s for %(organization)s was received "
        "(%(track)s, %(category)s)."
    ),
    "registration.corrected": gettext_lazy(
        "The registration %(registration)s was corrected: %(fields)s."
    ),
    "registration.decided": gettext_lazy(
        "The registration %(registration)s was decided: %(outcome)s. Reason: %(reason)s"
    ),
    "registration.waits": gettext_lazy(
        "The registration %(registration)s was put on the waiting list (panel: %(segment)s)."
    ),
    "registration.promoted": gettext_lazy(
        "The registration %(registration)s moved up from the waiting list (panel: %(segment)s)."
    ),
    "registration.withdrawn": gettext_lazy(
        "The registration %(registration)s was withdrawn. Reason: %(reason)s"
    ),
    "registration.person_replaced": gettext_lazy(
        "In the registration %(registration)s, %(after)s takes the place of %(before)s."
    ),
    "registration.link_revoked": gettext_lazy(
        "The personal link of %(registration)s was withdrawn. Reason: %(reason)s"
    ),
    "co_signer.asked": gettext_lazy("A co-signer of %(registration)s was asked to consent."),
    "co_signer.answered": gettext_lazy("A co-signer of %(registration)s answered: %(answer)s."),
}
STATUS = Registration.Status
TONES = {STATUS.ACCEPTED: "ok", STATUS.REFUSED: "bad"}


def join() -> None:
    """Fill the hooks of the slices below."""
    signals.OVERVIEW_FIGURES.insert(0, figures)
    signals.TASKS.insert(0, tasks)
    signals.HOLDINGS.insert(0, holdings)
    signals.TAKES_PART.append(takes_part)
    signals.ROLE_LINKS.append(role_links)
    signals.ON_CHANGED.append(waiting.on_hearing_changed)
    for kind, sentence in SENTENCES.items():
        labels.say(kind, sentence)
    labels.name(_references, "registration")
    labels.name(_organizations, "organization")
    labels.name(_categories, "category")
    labels.VALUES["outcome"] = lambda value: str(STATUS(value).label)


def figures(hearing: Hearing) -> Iterable[Figure]:
    """Registrations by track and by status."""
    rows = hearing.registrations.values_list("track", "status").annotate(Count("id"))
    counts = {(track, status): count for track, status, count in rows.order_by()}
    for track in Track:
        total = sum(count for (on, _status), count in counts.items() if on == track)
        yield Figure(total, str(track.label), note=_("registrations"))
    for status in STATUS:
        if status == STATUS.WAITING and not any(has == status for _track, has in counts):
            continue
        total = sum(count for (_track, has), count in counts.items() if has == status)
        yield Figure(total, str(status.label), tone=TONES.get(status, "") if total else "")


def tasks(hearing: Hearing) -> Iterable[Task]:
    """Registrations that wait for a decision."""
    count = hearing.registrations.filter(status=STATUS.SUBMITTED).count()
    if count:
        text = ngettext(
            "%(n)s registration waits for a decision",
            "%(n)s registrations wait for a decision",
            count,
        )
        yield Task(text % {"n": count}, reverse("registration:office", args=(hearing.slug,)))


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """The registration, of which what the person typed is blanked."""
    for one in hearing.registrations.filter(person=person):
        yield _(
            "The registration %(reference)s: what was typed is blanked, co-signers and personal "
            "link included; its place of arrival stays."
        ) % {"reference": one.reference}


def takes_part(hearing: Hearing, person: Person) -> bool:
    """Whether the person has registered."""
    return hearing.registrations.filter(person=person).exists()


def role_links(hearing: Hearing) -> Iterable[Link]:
    """Where missions and stakeholders begin."""
    for role, name in (
        (Role.MISSION, "registration:inscribe"),
        (Role.STAKEHOLDER, "registration:register"),
    ):
        yield Link(str(role.label), reverse(name, args=(hearing.slug,)))


def _references(ids: set[str]) -> Mapping[str, str]:
    rows = Registration.objects.filter(id__in=labels.uuids(ids)).values_list("id", "reference")
    return {id.hex: reference for id, reference in rows}


def _organizations(ids: set[str]) -> Mapping[str, str]:
    rows = Organization.objects.filter(id__in=labels.uuids(ids)).values_list("id", "name")
    return {id.hex: name for id, name in rows}


def _categories(ids: set[str]) -> Mapping[str, str]:
    rows = Category.objects.filter(id__in=labels.uuids(ids)).values_list("id", "label")
    return {id.hex: label for id, label in rows}
