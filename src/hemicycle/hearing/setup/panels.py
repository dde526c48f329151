"""Who is behind a name on a panel: the person who signs in and takes that seat.

The programme names panellists and moderators as the letter does. A seat is somebody's only when the
secretariat has said whose address it is.
"""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record import writer


class SeatForm(forms.Form):
    """Whose seat it is."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("Sign-in links go there. Empty: the seat is nobody's."),
        required=False,
        error_messages={
            "invalid": gettext_lazy(
                "This is not an e-mail address; it should look like name@hearing.example."
            ),
        },
    )


def members(hearing: Hearing) -> list[PanelMember]:
    """Everybody whom the programme names on a panel, in its order."""
    found = PanelMember.objects.filter(segment__meeting__hearing=hearing)
    return list(found.select_related("segment", "person").order_by("segment__ordinal", "ordinal"))


def seat(
    *, hearing: Hearing, member: PanelMember, email: str, actor: writer.Actor
) -> Person | None:
    """Let the seat be of whoever works here under an address, or nobody's for "".

    They are appointed to what the programme says they are, so that links can be sent to them.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        person = actions.staff_member(name=member.name, email=email) if email else None
        if person is not None:
            role = Role(member.role)
            actions.appoint(person=person, hearing_id=hearing.id, role=role, actor=actor)
        if member.person != person:
            member.person = person
            member.save(update_fields=("person",))
            body = {"slot": member.id.hex, "person": person.id.hex if person else ""}
            record.append("panel.seated", body)
    return person


def unseat(*, hearing: Hearing, person: Person, role: str, actor: writer.Actor) -> None:
    """Take from a person the seats that they had in a role."""
    for member in members(hearing):
        if member.person_id == person.id and member.role == role:
            seat(hearing=hearing, member=member, email="", actor=actor)


@never_cache
@for_roles(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Whose seat it is: shown, and changed."""
    found = PanelMember.objects.select_related("segment", "person")
    member = get_object_or_404(found, pk=pk, segment__meeting__hearing=hearing)
    known = member.person.email if member.person else ""
    filled = SeatForm(request.POST or None, initial={"email": known})
    if request.method == "POST" and filled.is_valid():
        by = actor(request, Role.SECRETARIAT)
        person = seat(hearing=hearing, member=member, email=filled.cleaned_data["email"], actor=by)
        messages.success(request, _said(member, person))
        return redirect("hearing:people", slug=hearing.slug)
    context = {"hearing": hearing, "member": member, "form": filled}
    return render(request, "hearing/seat_of.html", context)


def _said(member: PanelMember, person: Person | None) -> str:
    if person is None:
        return _("The seat of %(name)s is nobody's now.") % {"name": member.name}
    said = _("%(email)s opens the seat of %(name)s. A link can now be sent.")
    return said % {"name": member.name, "email": person.email}
