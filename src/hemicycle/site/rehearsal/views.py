"""The office's page that removes the demonstration data after a confirmation."""

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import WHOLE_OFFICE, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.site.operating import removal


@never_cache
@for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Ask for confirmation, and then remove all rehearsed hearings; 404 in a real one's office."""
    if not hearing.is_rehearsed:
        raise Http404
    if request.method != "POST":
        rehearsals = Hearing.objects.filter(is_rehearsed=True).order_by("slug")
        return render(request, "rehearsal/remove.html", {"hearing": hearing, "all": rehearsals})
    by = actor(request, Role.SECRETARIAT)
    removal.remove_rehearsals(actor=by.id)
    if not Person.objects.filter(pk=by.id).exists():  # the officer was invented too
        request.session.flush()
        request.user = AnonymousUser()
    messages.success(request, _("The demonstration data has been removed."))
    return redirect("hearing:index")
