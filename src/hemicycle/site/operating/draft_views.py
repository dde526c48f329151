"""The office's page that deletes a draft after a confirmation."""

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
from hemicycle.record.models import Entry
from hemicycle.site.operating import removal


def is_only_a_draft(hearing: Hearing) -> bool:
    """Whether the hearing has never been published, so that only its secretariat has seen it."""
    if hearing.status != Hearing.Status.DRAFT:
        return False
    return not Entry.objects.filter(hearing=hearing.pk, kind="hearing.published").exists()


@never_cache
@for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Ask for confirmation, and then delete a draft; 404 if it was ever published."""
    if not is_only_a_draft(hearing):
        raise Http404
    if request.method != "POST":
        people = removal.contents(hearing).get("Person", 0)
        context = {"hearing": hearing, "people": people}
        return render(request, "operating/delete_draft.html", context)
    by = actor(request, Role.SECRETARIAT)
    removal.remove(hearing, actor=by.id)
    messages.success(request, _("The draft has been deleted."))
    if Person.objects.filter(pk=by.id).exists():
        return redirect("hearing:mine")
    request.session.flush()  # the deletion has also deleted the officer who had only this hearing
    request.user = AnonymousUser()
    return redirect("hearing:index")
