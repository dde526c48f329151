"""Pages of documents: the office's, a panellist's own panel, the technician's, and the public's."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.before.meeting_documents import actions, queries
from hemicycle.before.meeting_documents.forms import RULE, DocumentForm, SlidesForm
from hemicycle.before.meeting_documents.models import MeetingDocument
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles, public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Actor
from hemicycle.ui.downloads import kept

METHODS = ["GET", "HEAD", "POST"]
with_file = partial(sized, files=RULE)
WITH_NAMES = frozenset({Duty.DOCUMENTS, Duty.PROTECTED})
"""The duties of an officer who reads the files of people with an alias."""
staff = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})
technicians = for_roles(Role.TECHNICIAN, Role.SECRETARIAT, needs={Duty.MEDIA})
on_panels = for_roles(Role.PANELLIST, Role.MODERATOR)


# ── The office ────────────────────────────────────────────────────────────────────────────────
@with_file
@require_http_methods(METHODS)
@staff
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show all documents, and a form to add one."""
    is_sent = request.method == "POST"
    form = DocumentForm(hearing, *((request.POST, request.FILES) if is_sent else ()))
    if form.is_valid() and _added(request, hearing, form):
        return redirect("meeting_documents:office", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "documents": queries.of_hearing(hearing),
        "sees_names": _is_officer(request, hearing, WITH_NAMES),
        "form": form,
    }
    return render(request, "meeting_documents/office.html", context, status=_status(form))


def _added(request: HttpRequest, hearing: Hearing, form: DocumentForm) -> bool:
    file = form.cleaned_data["file"]
    by = actor(request, Role.SECRETARIAT)
    with _refusal_at(form):
        actions.add(
            hearing=hearing, details=form.details(), file=file, file_name=file.name, actor=by
        )
        messages.success(request, _("The document has been added."))
    return form.is_valid()


@require_http_methods(METHODS)
@staff
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show and change the description of one document."""
    document = _opened(request, hearing, pk)
    sent = request.POST if request.method == "POST" else None
    form = DocumentForm(hearing, sent, document=document)
    if form.is_valid() and _changed(request, document, form):
        return redirect("meeting_documents:office", slug=hearing.slug)
    context = {"hearing": hearing, "document": document, "form": form}
    return render(request, "meeting_documents/detail.html", context, status=_status(form))


def _changed(request: HttpRequest, document: MeetingDocument, form: DocumentForm) -> bool:
    by = actor(request, Role.SECRETARIAT)
    with _refusal_at(form):
        actions.change(document=document, details=form.details(), actor=by)
        messages.success(request, _("The document has been changed."))
    return form.is_valid()


@require_POST
@staff
def remove(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Delete a document."""
    document = _opened(request, hearing, pk)
    actions.remove(document=document, actor=actor(request, Role.SECRETARIAT))
    messages.success(request, _("The document has been deleted."))
    return redirect("meeting_documents:office", slug=hearing.slug)


def _found(hearing: Hearing, pk: UUID) -> MeetingDocument:
    rows = MeetingDocument.objects.select_related("member__segment")
    return get_object_or_404(rows, hearing=hearing, pk=pk)


def _opened(request: HttpRequest, hearing: Hearing, pk: UUID) -> MeetingDocument:
    document = _found(hearing, pk)
    if document.is_protected and not _is_officer(request, hearing, WITH_NAMES):
        raise Http404
    return document


def _is_officer(request: HttpRequest, hearing: Hearing, needs: Collection[Duty]) -> bool:
    return Role.SECRETARIAT in roles_in(request.user, hearing.id, needs=needs)


@contextmanager
def _refusal_at(form: DocumentForm | SlidesForm) -> Iterator[None]:
    """Turn a refusal inside the block into an error of the form, which is then not valid."""
    try:
        yield
    except actions.DocumentRefused as refused:
        form.add_error(refused.field or None, refused.sentence)


def _status(form: DocumentForm | SlidesForm | None) -> int:
    return 422 if form is not None and form.is_bound else 200


# ── Panellists, moderators and technicians ────────────────────────────────────────────────────
@with_file
@require_http_methods(METHODS)
@on_panels
def panel(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show a panellist or moderator their panels: topic, minutes, order, questions and files."""
    person = _person(request)
    seats = queries.own_seats(hearing, person)
    members = [seat.member for seat in seats]
    is_sent = request.method == "POST"
    sent = (request.POST, request.FILES) if is_sent else ()
    form = SlidesForm(hearing, members, *sent) if members else None
    if form is not None and form.is_valid() and _handed_in(request, hearing, form):
        return redirect("meeting_documents:panel", slug=hearing.slug)
    context = {
        "hearing": hearing,
        "seats": seats,
        "form": form,
        "documents": queries.of_person(hearing, person),
        "has_alias": any(member.alias for member in members),
    }
    return render(request, "meeting_documents/panel.html", context, status=_status(form))


def _handed_in(request: HttpRequest, hearing: Hearing, form: SlidesForm) -> bool:
    file, seat = form.cleaned_data["file"], form.chosen_seat
    with _refusal_at(form):
        actions.add(
            hearing=hearing,
            details=form.details(hearing),
            file=file,
            file_name=file.name,
            actor=actor(request, seat.seat_role),
            member=seat,
            person=_person(request),
            agrees=form.cleaned_data.get("agrees", False),
        )
        messages.success(request, _("Your file has been received."))
    return form.is_valid()


@require_POST
@on_panels
def agree(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Set whether one's own file may become public."""
    document = _own(request, hearing, pk)
    agrees = request.POST.get("agrees") == "yes"
    try:
        actions.agree(document=document, agrees=agrees, actor=_own_actor(request, hearing))
    except actions.DocumentRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Your choice has been saved and takes effect now."))
    return redirect("meeting_documents:panel", slug=hearing.slug)


@require_POST
@on_panels
def take_back(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Delete one's own file."""
    document = _own(request, hearing, pk)
    actions.remove(document=document, actor=_own_actor(request, hearing))
    messages.success(request, _("The file has been deleted."))
    return redirect("meeting_documents:panel", slug=hearing.slug)


@require_safe
@technicians
def presentations(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show technicians the panellists' files, in the order in which they speak."""
    context = {"hearing": hearing, "documents": queries.handed_in(hearing)}
    return render(request, "meeting_documents/presentations.html", context)


@for_roles(
    *(Role.SECRETARIAT, Role.TECHNICIAN, Role.PANELLIST, Role.MODERATOR),
    needs={Duty.DOCUMENTS, Duty.MEDIA},
    either=True,
)
@require_safe
def file(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Return a file: the office gets all, technicians those of panels, panellists their own."""
    document = _found(hearing, pk)
    needs = WITH_NAMES if document.is_protected else {Duty.DOCUMENTS}
    shows_slides = {Role.TECHNICIAN, Role.SECRETARIAT} & roles_in(
        request.user, hearing.id, needs={Duty.MEDIA}
    )
    is_open = (
        _is_officer(request, hearing, needs)
        or (shows_slides and document.member_id is not None)
        or document.person_id == _person(request).pk
    )
    if not is_open:
        raise Http404
    return kept(document.file, document.shown_name)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user


def _own(request: HttpRequest, hearing: Hearing, pk: UUID) -> MeetingDocument:
    return get_object_or_404(MeetingDocument, hearing=hearing, pk=pk, person=_person(request))


def _own_actor(request: HttpRequest, hearing: Hearing) -> Actor:
    held = roles_in(request.user, hearing.id)
    return actor(request, Role.PANELLIST if Role.PANELLIST in held else Role.MODERATOR)


# ── The public ────────────────────────────────────────────────────────────────────────────────
@require_safe
@public_hearing
def public(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Return the file of a public document."""
    document = _found(hearing, pk)
    if not (document.is_public and document.may_be_public):
        raise Http404
    return kept(document.file, document.shown_name)
