"""The secretariat's pages about training sessions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hemicycle.before.registration import covering
from hemicycle.before.training import actions, csv_columns, queries, rooms
from hemicycle.before.training.forms import CancelForm, SessionForm, filled
from hemicycle.before.training.models import Session, SignUp
from hemicycle.hearing.exports.views import answer
from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.models import Hearing

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION})


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List all sessions, with a form that schedules another one."""
    form = SessionForm(hearing, request.POST if request.method == "POST" else None)
    if form.is_valid() and _schedule(request, hearing, form):
        return redirect("training:office", slug=hearing.slug)
    context = {"hearing": hearing, "form": form, "sessions": queries.sessions_of(hearing)}
    return render(request, "training/office.html", context, status=422 if form.is_bound else 200)


def _schedule(request: HttpRequest, hearing: Hearing, form: SessionForm) -> bool:
    by = actor(request, Role.SECRETARIAT)
    try:
        actions.schedule(hearing=hearing, plan=form.plan(), actor=by)
    except actions.TrainingRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return False
    messages.success(request, _("The session has been scheduled. Participants can sign up."))
    return True


def _found(hearing: Hearing, pk: UUID) -> Session:
    return get_object_or_404(queries.sessions_of(hearing), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one session: who signed up, who attended, and what can be changed."""
    found = _found(hearing, pk)
    can_change = not (found.cancelled_at or found.has_begun)
    sent = request.POST if request.method == "POST" else None
    form = SessionForm(hearing, sent, initial=filled(hearing, actions.SessionPlan.of(found)))
    if sent is not None and form.is_valid() and _change(request, found, form):
        return redirect("training:detail", slug=hearing.slug, pk=pk)
    people = queries.people(found)
    if not sees_names(request):
        covering.cover(sign_up.registration for sign_up in people)
    context = {
        "hearing": hearing,
        "session": found,
        "people": people,
        "can_mark": not found.cancelled_at and (found.admits or found.is_over),
        "form": form if can_change or form.is_bound else None,
        "can_cancel": not (found.cancelled_at or found.is_over),
        "reason": queries.reason_of(found),
    }
    return render(request, "training/detail.html", context, status=422 if form.is_bound else 200)


def _change(request: HttpRequest, session: Session, form: SessionForm) -> bool:
    by = actor(request, Role.SECRETARIAT)
    try:
        changed = actions.change(session=session, plan=form.plan(), actor=by)
    except actions.TrainingRefused as refused:
        form.add_error(refused.field or None, refused.sentence)
        return False
    said = (
        _("The session has been changed. We have written to everyone the change affects.")
        if changed
        else _("Nothing was changed.")
    )
    messages.success(request, said)
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def cancel(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Cancel a session, after showing whom this affects."""
    found = _found(hearing, pk)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _cancel(request, found, form):
        return redirect("training:detail", slug=hearing.slug, pk=pk)
    context = {"hearing": hearing, "session": found, "form": form}
    return render(request, "training/cancel.html", context, status=422 if form.is_bound else 200)


def _cancel(request: HttpRequest, session: Session, form: CancelForm) -> bool:
    by = actor(request, Role.SECRETARIAT)
    try:
        actions.cancel(session=session, reason=form.cleaned_data["reason"], actor=by)
    except actions.TrainingRefused as refused:
        form.add_error(None, refused.sentence)
        return False
    messages.success(
        request, _("The session has been cancelled. We have written to everyone who signed up.")
    )
    return True


@require_POST
@secretariat
def preside(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Redirect a member of the secretariat to the console of the session's room, as its trainer."""
    assert isinstance(request.user, Person)
    found = get_object_or_404(Session, pk=pk, hearing=hearing)
    try:
        room = rooms.preside(session=found, trainer=request.user)
    except actions.TrainingRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("training:detail", slug=hearing.slug, pk=pk)
    return redirect("room:console", slug=room.slug)


@require_POST
@secretariat
def mark(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Record the attendance of the participants whose boxes are checked."""
    found = get_object_or_404(Session, pk=pk, hearing=hearing)
    there = set(request.POST.getlist("there"))
    by = actor(request, Role.SECRETARIAT)
    rows = found.sign_ups.exclude(state=SignUp.State.SIGNED_OFF).select_related("session")
    try:
        for own in rows:
            actions.mark(own=own, present=str(own.pk) in there, actor=by)
    except actions.TrainingRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Attendance has been recorded."))
    return redirect("training:detail", slug=hearing.slug, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT, needs={Duty.REGISTRATION, Duty.PROTECTED})
def export(request: HttpRequest, hearing: Hearing, kind: str) -> HttpResponseBase:
    """Export the sign-ups and the attendance."""
    return answer(request, hearing, csv_columns.TABLE, kind)
