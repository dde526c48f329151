"""The office's page of the record, with a search."""

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.hearing.people.models import WHOLE_OFFICE, Person, Role
from hemicycle.hearing.setup import audit, verification
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import labels
from hemicycle.record.models import Entry
from hemicycle.ui import searches

PER_PAGE = 50


@never_cache
@for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)
@require_safe
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the entries, the latest first; `q` searches sentences, people, kinds and numbers."""
    asked = searches.words(request.GET)
    kind = request.GET.get("kind", "").replace("\0", "")
    entries = _matching(hearing, asked)
    if kind:
        entries = entries.filter(kind=kind)
    page = Paginator(entries.order_by("-seq"), PER_PAGE).get_page(request.GET.get("page"))
    kinds = Entry.objects.filter(hearing=hearing.id).values_list("kind", flat=True)
    context = {
        "hearing": hearing,
        "page_obj": page,
        "lines": audit.rows_of(list(page.object_list)),
        "asked": asked,
        "kind": kind,
        "kinds": sorted(set(kinds.distinct())),
        "record": verification.state(hearing),
    }
    return render(request, "hearing/record.html", context)


def _matching(hearing: Hearing, asked: str) -> QuerySet[Entry]:
    entries = Entry.objects.filter(hearing=hearing.id)
    if not asked:
        return entries
    if asked.isascii() and asked.isdigit() and len(asked) < 18:
        return entries.filter(seq=int(asked))
    said = [
        kind
        for kind, sentence in labels.sentences().items()
        if asked.lower() in str(sentence).lower()
    ]
    people = Person.objects.filter(name__icontains=asked).values_list("id", flat=True)[:50]
    found = Q(kind__icontains=asked) | Q(kind__in=said)
    for person in people:
        found |= Q(actor=person.hex) | Q(body__contains=person.hex)
    return entries.filter(found)
