"""The outbox: what is owed to whom, as the office sees it."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.correspondence.models import Message
from hemicycle.hearings.access import for_roles
from hemicycle.hearings.models import Hearing
from hemicycle.parties.models import Role

PER_PAGE = 50
secretariat = for_roles(Role.SECRETARIAT)


@never_cache
@secretariat
@require_safe
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """The hearing's messages, the latest first; `q` searches people, addresses and subjects."""
    asked = request.GET.get("q", "").replace("\0", "").strip()
    purpose = request.GET.get("purpose", "")
    messages = Message.objects.filter(hearing_id=hearing.id).select_related("person")
    if asked:
        messages = messages.filter(
            Q(address__icontains=asked)
            | Q(subject__icontains=asked)
            | Q(person__name__icontains=asked)
        )
    if purpose in Message.Purpose.values:
        messages = messages.filter(purpose=purpose)
    context = {
        "hearing": hearing,
        "page_obj": Paginator(messages, PER_PAGE).get_page(request.GET.get("page")),
        "asked": asked,
        "purpose": purpose,
        "purposes": Message.Purpose.choices,
    }
    return render(request, "correspondence/outbox.html", context)


@never_cache
@secretariat
@require_safe
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """One message; the address of a sign-in link is left out, since only its owner may use it."""
    messages = Message.objects.select_related("person")
    message = get_object_or_404(messages, pk=pk, hearing_id=hearing.id)
    context = {"hearing": hearing, "message": message, "body": without_links(message)}
    return render(request, "correspondence/message.html", context)


def without_links(message: Message) -> str:
    """The text with what follows the site's address in each link blotted out."""
    words = (_blot(line) for line in message.body.split("\n"))
    return "\n".join(words)


def _blot(line: str) -> str:
    return " ".join(f"{word[:-20]}…" if _carries_secret(word) else word for word in line.split(" "))


def _carries_secret(word: str) -> bool:
    parts = word.rstrip("/").split("/")
    return word.startswith(("http://", "https://")) and any(len(part) >= 40 for part in parts[3:])
