"""What the pages of a hearing's office show about registrations."""

from collections.abc import Iterable

from django.db.models import Count
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.before.registration import public_words, search
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup import programme_words
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.signals import MOST_FOUND, Figure, PageLink, SearchGroup, Task
from hemicycle.ui.languages import labelled

STATUS = Registration.Status
TONES = {STATUS.ACCEPTED: "ok", STATUS.REFUSED: "bad"}


def figures(hearing: Hearing) -> Iterable[Figure]:
    """Yield the numbers of registrations by track and by status."""
    page = reverse("registration:office", args=(hearing.slug,))
    rows = hearing.registrations.values_list("track", "status").annotate(Count("id"))
    counts = {(track, status): count for track, status, count in rows.order_by()}
    for track in hearing.all_tracks:
        total = sum(count for (on, _status), count in counts.items() if on == track.key)
        yield Figure(total, str(track.label), page, note=_("registrations"))
    for status in STATUS:
        if status in Registration.SELDOM and not any(has == status for _track, has in counts):
            continue
        total = sum(count for (_track, has), count in counts.items() if has == status)
        yield Figure(
            total, search.COUNTED[status](total), page, tone=TONES.get(status, "") if total else ""
        )


def tasks(hearing: Hearing, by_real_names: bool) -> Iterable[Task]:
    """Yield tasks: registrations to decide, and titles that name a person with an alias."""
    waits = hearing.registrations.filter(status=STATUS.SUBMITTED, confirmed_at__isnull=False)
    if not by_real_names:
        waits = waits.filter(alias="")
    count = waits.count()
    if count:
        text = ngettext(
            "%(n)s registration to decide",
            "%(n)s registrations to decide",
            count,
        )
        url = reverse("registration:office", args=(hearing.slug,))
        yield Task(text % {"n": count}, f"{url}?status={STATUS.SUBMITTED}")
    hidden = public_words.bearers_in(hearing.pk)
    for title in programme_words.titles_that_name(hearing, hidden):
        said = _("“%(title)s” names someone who has an alias. Remove the name.")
        shown = Truncator(title).chars(80)
        yield Task(said % {"title": shown}, reverse("hearing:programme", args=(hearing.slug,)))


def holdings(hearing: Hearing, person: Person) -> Iterable[str]:
    """Yield a sentence for each registration of the person, whose data is deleted by erasure."""
    for one in hearing.registrations.filter(person=person):
        yield _(
            "The registration %(reference)s: everything entered is deleted, including "
            "co-signers and the personal link. Its place by order of arrival stays."
        ) % {"reference": one.reference}


def takes_part(hearing: Hearing, person: Person) -> bool:
    """Whether the person has registered."""
    return hearing.registrations.filter(person=person).exists()


def role_links(hearing: Hearing) -> Iterable[PageLink]:
    """Yield links to the forms of missions and stakeholders."""
    for role, name in (
        (Role.MISSION, "registration:inscribe"),
        (Role.STAKEHOLDER, "registration:register"),
    ):
        yield PageLink(str(role.label), reverse(name, args=(hearing.slug,)))


def found(hearing: Hearing, words: str, by_real_names: bool) -> Iterable[SearchGroup]:
    """Yield the registrations that contain the words, for the office's search."""
    rows = search.find(hearing, search.RegistrationFilters(words=words))
    if not by_real_names:
        rows = rows.filter(alias="")
    links = [
        PageLink(
            labelled(row.person.name, str(row.organization.name)),
            reverse("registration:detail", args=(hearing.slug, row.pk)),
        )
        for row in rows[:MOST_FOUND]
    ]
    yield SearchGroup(_("Registrations"), links)
