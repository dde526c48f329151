"""The back office of a hearing: overview, programme, publishing."""

from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.hearing.people.access import actor, appointments_of, signed_in
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Person, Role
from hemicycle.hearing.setup import (
    actions,
    addresses,
    document_mapping,
    plan_changes,
    queries,
    signals,
    toml_io,
    verification,
    witnesses,
)
from hemicycle.hearing.setup.access import for_roles, may_open, sees_names
from hemicycle.hearing.setup.models import Hearing, Reading
from hemicycle.hearing.setup.nested_forms import RowForm
from hemicycle.hearing.setup.parts import BY_SLUG, PARTS, Part
from hemicycle.hearing.setup.reordering import RowMove
from hemicycle.hearing.setup.schema import Document, InvalidDocument, Problem
from hemicycle.record import clock, writer
from hemicycle.record.floor import floor_of
from hemicycle.ui.languages import listed

secretariat = for_roles(Role.SECRETARIAT)
whole_office = for_roles(Role.SECRETARIAT, needs=WHOLE_OFFICE)


@never_cache
@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """List the hearings in which the visitor has a role, each with its pages."""
    appointments = _appointments(request)
    hearings = {
        hearing.id: hearing
        for hearing in queries.dated(
            Hearing.objects.filter(id__in={row.hearing_id for row in appointments})
        )
    }
    held: dict[Any, list[dict[str, str]]] = {}
    for appointment in appointments:
        if hearing := hearings.get(appointment.hearing_id):
            role = Role(appointment.role)
            room = {"label": str(role.label), "url": addresses.start_of(role, hearing.slug)}
            held.setdefault(hearing.id, []).append(room)
            if role in {Role.PANELLIST, Role.MODERATOR}:
                panel = addresses.path_of("meeting_documents:panel", hearing.slug)
                held[hearing.id].append({"label": _("Your panel"), "url": panel})
                url = reverse("hearing:public-name", args=(hearing.slug,))
                held[hearing.id].append({"label": _("Your public name"), "url": url})
    is_secretariat = any(appointment.role == Role.SECRETARIAT for appointment in appointments)
    administers = getattr(request.user, "is_administrator", False)
    convenes = is_secretariat or administers
    context = {
        "groups": _grouped([(hearings[key], rooms) for key, rooms in held.items()]),
        "offices": {row.hearing_id for row in appointments if row.held_duties == WHOLE_OFFICE},
        "convenes": convenes,
        "administers": administers,
        "readings": Reading.objects.filter(hearing__in=held, confirmed_at=None) if convenes else (),
    }
    return render(request, "hearing/mine.html", context)


type Rooms = list[dict[str, str]]


def _grouped(mine: list[tuple[Any, Rooms]]) -> list[tuple[str, list[tuple[Any, Rooms]]]]:
    """Return the hearings in groups: now, upcoming (next first), drafts, past (latest first)."""
    by_group: dict[str, list[tuple[Any, Rooms]]] = {}
    for hearing, rooms in sorted(mine, key=lambda row: queries.begins(row[0])):
        by_group.setdefault(queries.group_of(hearing), []).append((hearing, rooms))
    by_group.get("past", []).reverse()
    headings = {
        "live": _("Now"),
        "coming": _("Upcoming"),
        "draft": _("Drafts"),
        "past": _("Past"),
    }
    return [(label, by_group[key]) for key, label in headings.items() if key in by_group]


def _appointments(request: HttpRequest) -> list[Appointment]:
    if not isinstance(request.user, Person):
        raise PermissionDenied
    return list(appointments_of(request.user).order_by("role"))


@never_cache
@secretariat
@require_safe
def overview(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the state of the hearing: figures, lists, deadlines, tasks and the record."""
    tasks = signals.overview_tasks.send(hearing, sees_names(request))
    sittings = queries.programme(hearing, lambda meeting: floor_of(meeting.pk))
    context = {
        "hearing": hearing,
        "sittings": sittings,
        "phase": queries.phase(hearing, sittings),
        "figures": [
            figure
            for figure in chain.from_iterable(signals.overview_figures.send(hearing))
            if may_open(request, figure.url)
        ],
        "loads": [
            load
            for load in chain.from_iterable(signals.overview_loads.send(hearing))
            if may_open(request, load.url)
        ],
        "tasks": [task for task in chain.from_iterable(tasks) if may_open(request, task.url)],
        "acts": [
            act
            for act in chain.from_iterable(signals.overview_acts.send(hearing))
            if may_open(request, act.path)
        ],
        "is_held": actions.is_held(hearing),
        "deadlines": hearing.deadlines.all(),
        "record": verification.state(hearing),
        "now": clock.now(),
        "lacking": actions.lacking(hearing) if hearing.status == Hearing.Status.DRAFT else [],
    }
    return render(request, "hearing/overview.html", context)


@never_cache
@whole_office
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request: HttpRequest, hearing: Hearing, part: str = "facts") -> HttpResponse:
    """Edit one part of the hearing. Errors are shown at their fields, and nothing typed is lost."""
    if part not in BY_SLUG:
        raise Http404
    chosen = BY_SLUG[part]
    data = document_mapping.to_document(actions.whole(hearing.id))
    if request.method != "POST":
        return _show(request, hearing, chosen, chosen.filled(data), chosen.digest(data))
    move = RowMove.asked(request.POST)
    form = chosen.posted(move.applied(request.POST) if move else request.POST, data)
    if "add" in request.POST or "move" in request.POST:
        seen, moved = request.POST.get("seen", ""), move.pressed if move else ""
        return _show(request, hearing, chosen, form, seen, moved=moved)
    if form.is_valid() and _save(request, hearing, chosen, form):
        return redirect("hearing:programme-part", slug=hearing.slug, part=part)
    seen = chosen.digest(document_mapping.to_document(actions.whole(hearing.id)))
    return _show(request, hearing, chosen, form, seen, status=422)


def _save(request: HttpRequest, hearing: Hearing, part: Part, form: RowForm) -> bool:
    """Save the part unless another officer has changed it since it was shown."""
    by = actor(request, Role.SECRETARIAT)
    with writer.writing(hearing.id, actor=by):
        fresh = actions.whole(hearing.id)
        data = document_mapping.to_document(fresh)
        if request.POST.get("seen") != part.digest(data):
            sentence = _(
                "Someone else has changed this part since you opened it. Your text is below. "
                "Saving again replaces theirs."
            )
            form.add_error(None, sentence)
            return False
        problems, changed = _change(fresh, part.into(data, form), by)
    for problem in part.show(form, problems):
        form.add_error(None, str(problem))
    if problems:
        return False
    hearing.slug = fresh.slug
    said = _("Saved.") if changed else _("Nothing was changed.")
    messages.success(request, said)
    _notify(request, fresh, changed)
    return True


def _notify(request: HttpRequest, hearing: Hearing, changed: list[str]) -> None:
    """Show consequences of a saved change that the office may not have intended."""
    if "deadlines" in changed:
        for deadline in hearing.deadlines.filter(at__lt=clock.now()):
            said = _("The deadline of “%(track)s” has passed: nobody can register on it now.")
            messages.warning(request, said % {"track": deadline.label})
    for sentence in chain.from_iterable(signals.change_notices.send(hearing, changed)):
        messages.warning(request, sentence)


def _change(hearing: Hearing, data: Document, by: writer.Actor) -> tuple[list[Problem], list[str]]:
    try:
        return [], actions.change(hearing=hearing, data=data, actor=by)
    except InvalidDocument as invalid:
        return invalid.problems, []


def _show(
    request: HttpRequest,
    hearing: Hearing,
    part: Part,
    form: RowForm,
    seen: str,
    *,
    moved: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "hearing": hearing,
        "parts": PARTS,
        "part": part,
        "form": form,
        "seen": seen,
        "moved": moved,
        "changes": len(plan_changes.pending(hearing)),
    }
    if part.slug == "witnesses":
        context["contacts"] = witnesses.contacts(hearing)
    return render(request, "hearing/programme.html", context, status=status)


@never_cache
@whole_office
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the page for the hearing's file, or read an uploaded file that replaces its document."""
    problems: list[Problem] = []
    if request.method == "POST":
        problems, changed = _read_file(request, hearing)
        if not problems:
            names = listed(actions.label(name) for name in changed)
            _notify(request, hearing, changed)
            messages.success(
                request,
                _("The file has been saved. Changed: %(fields)s.") % {"fields": names}
                if changed
                else _("The file contains no changes."),
            )
            return redirect("hearing:file", slug=hearing.slug)
    context = {"hearing": hearing, "parts": PARTS, "problems": problems}
    return render(request, "hearing/file.html", context, status=422 if problems else 200)


def _read_file(request: HttpRequest, hearing: Hearing) -> tuple[list[Problem], list[str]]:
    given = request.FILES.get("file")
    if given is None:
        return [Problem((), _("Choose a file first."))], []
    try:
        data = {**toml_io.loads(given.read(toml_io.LONGEST + 1)), "slug": hearing.slug}
    except InvalidDocument as invalid:
        return invalid.problems, []
    return _change(actions.whole(hearing.id), data, actor(request, Role.SECRETARIAT))


@whole_office
@require_safe
def export(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Return the hearing as TOML."""
    text = toml_io.dumps(document_mapping.to_document(actions.whole(hearing.id)))
    name = f'attachment; filename="{hearing.slug}.toml"'
    headers = {"Content-Disposition": name}
    return HttpResponse(text, content_type="application/toml; charset=utf-8", headers=headers)


@whole_office
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """End the hearing, after a page that says what that means."""
    if request.method == "POST":
        actions.end(hearing=hearing, actor=actor(request, Role.SECRETARIAT))
        messages.success(request, _("The hearing has ended."))
        return redirect("hearing:office", slug=hearing.slug)
    return render(request, "hearing/end.html", {"hearing": hearing})


@never_cache
@whole_office
@require_http_methods(["GET", "HEAD", "POST"])
def postpone(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Postpone the hearing without new dates, or make its dates valid again."""
    if request.method != "POST":
        return render(request, "hearing/postpone.html", {"hearing": hearing})
    by = actor(request, Role.SECRETARIAT)
    try:
        if "keep" in request.POST:
            actions.keep_dates(hearing=hearing, actor=by)
            messages.success(request, _("The dates in the programme are valid again."))
        else:
            actions.postpone(hearing=hearing, actor=by)
            messages.success(
                request, _("The hearing has been postponed. Its dates are no longer valid.")
            )
    except InvalidDocument as invalid:
        messages.error(request, str(invalid))
    return redirect("hearing:office", slug=hearing.slug)


@secretariat
@require_POST
def verify(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Recompute every digest and hash of the record now."""
    found = verification.run(hearing)
    if found.broken_seq is None:
        messages.success(request, _("Every entry of the record is intact."))
    else:
        messages.error(
            request,
            _("The record is not intact: it fails at entry %(seq)d.") % {"seq": found.broken_seq},
        )
    return redirect("hearing:office", slug=hearing.slug)
