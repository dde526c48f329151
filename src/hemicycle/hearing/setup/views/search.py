"""The office's search in all data of a hearing."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.models import Appointment, Role
from hemicycle.hearing.setup import actions, signals, translations
from hemicycle.hearing.setup.access import for_roles, may_open, sees_names
from hemicycle.hearing.setup.models import Category, GuidingQuestion, Hearing
from hemicycle.hearing.setup.signals import MOST_FOUND, PageLink, SearchGroup
from hemicycle.ui import navigation, searches
from hemicycle.ui.languages import labelled

PARTS = {Hearing: "facts", Category: "registration", GuidingQuestion: "questions"}
"""The part of the settings with the texts of a row; all others are in the programme."""


@never_cache
@for_roles(Role.SECRETARIAT)
@require_safe
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show what contains the words: pages, people, texts, and rows of every app."""
    words = searches.words(request.GET)
    groups = _groups(request, hearing, words) if words else []
    context = {"hearing": hearing, "words": words, "groups": groups}
    return render(request, "hearing/search.html", context)


def _groups(request: HttpRequest, hearing: Hearing, words: str) -> list[SearchGroup]:
    found = [
        SearchGroup(_("Pages"), list(_pages(request, hearing, words))),
        *chain.from_iterable(signals.office_search.send(hearing, words, sees_names(request))),
        SearchGroup(_("People"), list(_people(hearing, words))),
        SearchGroup(_("Programme"), list(islice(_texts(hearing, words), MOST_FOUND))),
    ]
    open_groups = [
        replace(group, found=[link for link in group.found if may_open(request, link.path)])
        for group in found
    ]
    return [group for group in open_groups if group.found]


def _pages(request: HttpRequest, hearing: Hearing, words: str) -> Iterator[PageLink]:
    standing = getattr(request, "standing", None)
    for link in navigation.links("office", hearing.slug, request.path, standing):
        if words.casefold() in str(link.label).casefold():
            yield PageLink(str(link.label), link.url)


def _people(hearing: Hearing, words: str) -> Iterator[PageLink]:
    named = Q(person__name__icontains=words) | Q(person__email__icontains=words)
    rows = Appointment.every.filter(named, hearing_id=hearing.pk).exclude(
        role__in=(Role.MISSION, Role.STAKEHOLDER, Role.SPEAKER)
    )
    url = reverse("hearing:people", args=(hearing.slug,))
    for row in rows.select_related("person").order_by("person__name", "role")[:MOST_FOUND]:
        yield PageLink(labelled(row.person.name, str(Role(row.role).label)), url)


def _texts(hearing: Hearing, words: str) -> Iterator[PageLink]:
    for entry in translations.entries(actions.whole(hearing.pk)):
        if words.casefold() in entry.original.casefold():
            part = PARTS.get(type(entry.row), "meetings")
            url = reverse("hearing:programme-part", args=(hearing.slug, part))
            yield PageLink(labelled(entry.label, Truncator(entry.original).chars(100)), url)
