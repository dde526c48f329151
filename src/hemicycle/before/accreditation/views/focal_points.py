"""The secretariat's page of focal points."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.before.accreditation import focal_points
from hemicycle.before.accreditation.models import FocalPoint
from hemicycle.before.accreditation.staff_forms import FocalPointForm
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show who approves for whom; on POST name another focal point."""
    form = FocalPointForm(hearing, request.POST if request.method == "POST" else None)
    if form.is_valid() and _name(request, hearing, form):
        return redirect("accreditation:focal-points", slug=hearing.slug)
    points = FocalPoint.objects.filter(hearing=hearing, dismissed_at=None)
    context = {
        "hearing": hearing,
        "form": form,
        "points": points.select_related("person", "category"),
        "has_step": hearing.categories.filter(focal_point=True).exists(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "accreditation/office/focal_points.html", context, status=status)


def _name(request: HttpRequest, hearing: Hearing, form: FocalPointForm) -> bool:
    data = form.cleaned_data
    person = Person(name=data["name"], email=data["email"], language=data["language"])
    try:
        focal_points.name(
            hearing=hearing,
            person=person,
            category=data["chosen"],
            organization=data["organization"],
            actor=actor(request, Role.SECRETARIAT),
        )
    except RegistrationRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return False
    messages.success(
        request, _("The focal point has been named and asked about all waiting registrations.")
    )
    return True


@require_POST
@secretariat
def dismiss(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Dismiss a focal point and revoke their open links."""
    get_object_or_404(FocalPoint, hearing=hearing, pk=pk)
    if focal_points.dismiss(hearing=hearing, pk=pk, actor=actor(request, Role.SECRETARIAT)):
        messages.success(
            request, _("The focal point has been removed. Their open links no longer work.")
        )
    else:
        messages.error(request, _("This focal point has already been removed."))
    return redirect("accreditation:focal-points", slug=hearing.slug)
