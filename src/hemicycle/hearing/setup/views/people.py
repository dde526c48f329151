"""The people who work for a hearing: appoint them, send links, dismiss and erase them."""

from itertools import chain
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.hearing.people import actions, officers
from hemicycle.hearing.people.access import actor, standing_in
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Duty, Person, Role
from hemicycle.hearing.setup import addresses, aliases, panel_seats, signals
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.record import erasure, writer
from hemicycle.record.models import Entry

secretariat = for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)
protecting = for_roles(Role.SECRETARIAT, needs={Duty.PROTECTED})


def _duties_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Duties"),
        choices=Duty.choices,
        initial=Duty.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one duty.")},
    )


class DutiesForm(forms.Form):
    """A form for the duties of an officer."""

    duties = _duties_field()


class AppointForm(forms.Form):
    """A form for an appointment: the person and the role."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=400,
        error_messages={"required": gettext_lazy("Enter the person’s name.")},
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        error_messages={
            "required": gettext_lazy("Enter the address for sign-in links."),
            "invalid": gettext_lazy("Enter an e-mail address in the format name@hearing.example."),
        },
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role.value, role.label) for role in actions.GIVEN]
    )
    duties = _duties_field()
    send_link = forms.BooleanField(
        label=gettext_lazy("Send a sign-in link now"), required=False, initial=True
    )

    def __init__(self, data: QueryDict | None = None, **initial: object) -> None:
        super().__init__(data, initial=initial)
        self.fields["duties"].required = self["role"].value() == Role.SECRETARIAT
        self.fields["duties"].help_text = _(
            "For the secretariat. Only an officer with all duties changes the hearing, its people "
            "and their duties."
        )


def _alias_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Alias"),
        required=False,
        max_length=aliases.LONGEST,
        help_text=gettext_lazy(
            "The public sees only this name, instead of name and title. Leave it empty for no "
            "alias."
        ),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )


class PublicNameForm(forms.Form):
    """A form for the public name of a panellist or moderator."""

    alias = _alias_field()


class SeatForm(forms.Form):
    """A form for the person on a seat, and their alias."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy(
            "We send sign-in links to this address. Leave it empty if no one has the seat."
        ),
        required=False,
        error_messages={
            "invalid": gettext_lazy("Enter an e-mail address in the format name@hearing.example."),
        },
    )
    alias = _alias_field()


@never_cache
@protecting
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the roles and a form that appoints; without all duties, an officer sees only seats."""
    is_full = standing_in(request.user, hearing.id).has_whole_office
    if request.method == "POST" and not is_full:
        raise PermissionDenied(_("Only an officer with all duties appoints people."))
    form = AppointForm(request.POST or None, role=_next_role(hearing)) if is_full else None
    if request.method == "POST" and form is not None and form.is_valid():
        _appoint(request, hearing, form.cleaned_data)
        return redirect("hearing:people", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "form": form,
        "groups": _groups(hearing) if is_full else [],
        "members": panel_seats.members(hearing),
    }
    return render(request, "hearing/people.html", context)


def _appoint(request: HttpRequest, hearing: Hearing, given: dict[str, Any]) -> None:
    person = actions.staff_member(name=given["name"], email=given["email"])
    role, duties = Role(given["role"]), frozenset(map(Duty, given["duties"]))
    rows = Appointment.every.filter(person=person, hearing_id=hearing.id, role=role)
    is_new = not rows.exists()
    made = actions.appoint(
        person=person,
        hearing_id=hearing.id,
        role=role,
        duties=duties,
        actor=actor(request, Role.SECRETARIAT),
    )
    if role == Role.SECRETARIAT and made.held_duties != duties:
        said = _("%(name)s already works for the secretariat. Change the duties in the table.")
        messages.warning(request, said % {"name": person.name})
        return
    messages.success(request, _appointed(made))
    if given["send_link"] and is_new and not made.is_pending:  # a pending one has sent it
        _send_link(request, hearing, made)


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def duties(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Show and set the duties of an officer of the secretariat."""
    appointment = _appointment(hearing, pk)
    if appointment.role != Role.SECRETARIAT:
        raise Http404
    initial = {"duties": [duty.value for duty in appointment.held_duties]}
    form = DutiesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and _set_duties(request, appointment, form):
        mine = standing_in(request.user, hearing.id)
        return redirect(
            "hearing:people" if mine.has_whole_office else "hearing:office", slug=hearing.slug
        )
    context = {"hearing": hearing, "appointment": appointment, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "hearing/duties.html", context, status=status)


def _set_duties(request: HttpRequest, appointment: Appointment, form: DutiesForm) -> bool:
    """Set the duties in the form; return whether that was possible."""
    try:
        officers.set_duties(
            appointment=appointment,
            duties=[Duty(value) for value in form.cleaned_data["duties"]],
            actor=actor(request, Role.SECRETARIAT),
        )
    except officers.LastOfficer:
        form.add_error("duties", _last_officer())
        return False
    except Appointment.DoesNotExist as gone:
        raise Http404 from gone
    said = _("The duties of %(name)s have been set.")
    messages.success(request, said % {"name": appointment.person.name})
    return True


def _last_officer() -> str:
    return _("No other officer has all duties. Give them to someone else first.")


def _next_role(hearing: Hearing) -> Role:
    """Return the first role without a holder; panellists get theirs with a seat."""
    rows = Appointment.every.filter(hearing_id=hearing.id)
    held = {Role.PANELLIST, *rows.order_by().values_list("role", flat=True)}
    return next((role for role in actions.GIVEN if role not in held), actions.GIVEN[0])


def _appointed(appointment: Appointment) -> str:
    said = (
        _(
            "%(email)s also works for another hearing. The role starts when they accept it by "
            "e-mail."
        )
        if appointment.is_pending
        else _("%(name)s has been appointed.")
    )
    return said % {"name": appointment.person.name, "email": appointment.person.email}


def _groups(hearing: Hearing) -> list[tuple[str, list[Appointment]]]:
    appointments = list(
        Appointment.every.filter(hearing_id=hearing.id, role__in=actions.GIVEN)
        .select_related("person")
        .order_by("person__name")
    )
    held = {
        role: [appointment for appointment in appointments if appointment.role == role]
        for role in actions.GIVEN
    }
    return [(str(role.label), rows) for role, rows in held.items() if rows]


def _appointment(hearing: Hearing, pk: UUID) -> Appointment:
    appointments = Appointment.every.select_related("person")
    return get_object_or_404(appointments, pk=pk, hearing_id=hearing.id)


@never_cache
@secretariat
@require_POST
def send_link(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Send a sign-in link to the person's mailbox, which alone proves who they are."""
    appointment = _appointment(hearing, pk)
    if appointment.person.email:
        _send_link(request, hearing, appointment)
    else:
        said = _("%(name)s has no e-mail address.") % {"name": appointment.person.name}
        messages.error(request, said)
    return redirect("hearing:people", slug=hearing.slug)


def _send_link(request: HttpRequest, hearing: Hearing, appointment: Appointment) -> None:
    person, role = appointment.person, Role(appointment.role)
    path = actions.issue_link(
        person=person,
        hearing_id=hearing.id,
        role=role.value,
        next_url=addresses.start_of(role, hearing.slug),
        actor=actor(request, Role.SECRETARIAT),
    )
    actions.send_link(person=person, path=path, hearing_id=hearing.id, appointment=appointment)
    messages.success(
        request, _("A sign-in link for %(to)s is in the outbox.") % {"to": person.email}
    )


@secretariat
@require_POST
def revoke_links(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Revoke the unused links for that role."""
    appointment = _appointment(hearing, pk)
    revoked = actions.revoke_links(
        person=appointment.person,
        hearing_id=hearing.id,
        role=Role(appointment.role),
        actor=actor(request, Role.SECRETARIAT),
    )
    said = _("The unused links have been revoked.") if revoked else _("There was no unused link.")
    messages.success(request, said)
    return redirect("hearing:people", slug=hearing.slug)


@secretariat
@require_POST
def dismiss(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Remove a role; members of the secretariat cannot remove their own."""
    appointment = _appointment(hearing, pk)
    if appointment.person == request.user and appointment.role == Role.SECRETARIAT:
        said = _("You cannot remove your own role as secretariat. Ask a colleague to do it.")
        messages.error(request, said)
    else:
        by = actor(request, Role.SECRETARIAT)
        try:
            _dismiss(hearing, appointment, by)
        except officers.LastOfficer:
            messages.error(request, _last_officer())
        else:
            said = _("%(name)s no longer has this role.") % {"name": appointment.person.name}
            messages.success(request, said)
    return redirect("hearing:people", slug=hearing.slug)


def _dismiss(hearing: Hearing, appointment: Appointment, by: writer.Actor) -> None:
    with writer.writing(hearing.id, actor=by):
        person, role = appointment.person, appointment.role
        panel_seats.unseat(hearing=hearing, person=person, role=role, actor=by)
        actions.dismiss(appointment=appointment, actor=by)


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, hearing: Hearing, person_id: UUID) -> HttpResponse:
    """Erase a person: a first page shows what will be done, and a second press does it."""
    person = get_object_or_404(Person, pk=person_id)
    if not _belongs(hearing, person) or person == request.user:
        raise Http404
    if request.method == "POST":
        by = actor(request, Role.SECRETARIAT)
        try:
            _erase(hearing, person, by)
        except NotNow as refused:
            messages.error(request, str(refused))
            return redirect(request.path)
        _say_erased(request, hearing, person)
        return redirect("hearing:people", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "person": person,
        "roles": Appointment.every.filter(person=person, hearing_id=hearing.id),
        "holdings": list(chain.from_iterable(signals.personal_holdings.send(hearing, person))),
        "copies": list(chain.from_iterable(signals.copies_elsewhere.send(hearing))),
        "entries": Entry.objects.filter(hearing=hearing.id, body__contains=person.id.hex).count()
        + Entry.objects.filter(hearing=hearing.id, actor=person.id.hex).count(),
    }
    return render(request, "hearing/erase.html", context)


class NotNow(Exception):
    """Raised when a person cannot be erased now; the message gives the reason."""


def _erase(hearing: Hearing, person: Person, by: writer.Actor) -> None:
    """End the person's participation and erase them. Raises `NotNow`, with nothing changed."""
    with writer.writing(hearing.id, actor=by):
        for sentence in filter(None, signals.erasure_asked.send(hearing, person, by)):
            raise NotNow(sentence)
        erasure.erase(hearing=hearing.id, person=person.id, actor=by)


def _say_erased(request: HttpRequest, hearing: Hearing, person: Person) -> None:
    if erasure.unfinished(hearing.id).filter(person=person.id.hex).exists():
        said = _(
            "The person’s name has been erased, but not everything could be deleted yet. We "
            "try again every day. “Personal data” shows what is left."
        )
        messages.warning(request, said)
    else:
        messages.success(
            request, _("The person has been erased. The record can still be verified.")
        )


def _belongs(hearing: Hearing, person: Person) -> bool:
    return (
        Appointment.every.filter(person=person, hearing_id=hearing.id).exists()
        or any(signals.participation.send(hearing, person))
        or person.id in chain.from_iterable(signals.people_kept.send(hearing))
    )


@never_cache
@protecting
@require_http_methods(["GET", "HEAD", "POST"])
def seat_of(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponse:
    """Show and change the person and the alias of a seat."""
    found = PanelMember.objects.select_related("segment", "person")
    member = get_object_or_404(found, pk=pk, segment__meeting__hearing=hearing)
    known = member.person.email if member.person else ""
    filled = SeatForm(request.POST or None, initial={"email": known, "alias": member.alias})
    if request.method == "POST" and filled.is_valid():
        by = actor(request, Role.SECRETARIAT)
        if _named(filled, hearing, member, by):
            person = panel_seats.seat(
                hearing=hearing, member=member, email=filled.cleaned_data["email"], actor=by
            )
            messages.success(request, _said(member, person))
            return redirect("hearing:people", slug=hearing.slug)
    context = {"hearing": hearing, "member": member, "form": filled}
    return render(request, "hearing/seat_of.html", context)


def _named(form: forms.Form, hearing: Hearing, member: PanelMember, by: writer.Actor) -> bool:
    """Set the alias in the form, if it has the field; return whether that was possible."""
    if "alias" not in form.data:
        return True
    alias = form.cleaned_data["alias"]
    try:
        aliases.set_alias(hearing=hearing, member=member, alias=alias, actor=by)
    except aliases.AliasRefused as refused:
        form.add_error("alias", refused.sentence)
        return False
    return True


@never_cache
@for_roles(Role.PANELLIST, Role.MODERATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def public_name(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show a panellist or moderator which name others see, and let them change their alias."""
    assert isinstance(request.user, Person)
    member = aliases.seat_of(request.user, hearing.id)
    form = None
    if member is not None:
        sent = request.POST if "alias" in request.POST else None  # no field: the alias is kept
        form = PublicNameForm(sent, initial={"alias": member.alias})
        by = actor(request, member.seat_role)
        if form.is_valid() and _named(form, hearing, member, by):
            messages.success(request, _("Your public name has been set."))
            return redirect("hearing:public-name", slug=hearing.slug)
    context = {"hearing": hearing, "member": member, "form": form}
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "hearing/public_name.html", context, status=status)


def _said(member: PanelMember, person: Person | None) -> str:
    if person is None:
        return _("No one has the seat of %(name)s now.") % {"name": member.name}
    said = _("%(email)s now has the seat of %(name)s. You can send a sign-in link.")
    return said % {"name": member.name, "email": person.email}
