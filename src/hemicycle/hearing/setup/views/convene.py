"""Convene from a concept note: upload it, compare the reading with the note, confirm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hemicycle.convening import FIELDS
from hemicycle.hearing import language_model
from hemicycle.hearing.jobs import pages
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.jobs.queue import QueueFull
from hemicycle.hearing.people.access import actor, may_convene, roles_in, signed_in
from hemicycle.hearing.people.actions import appoint
from hemicycle.hearing.people.limits import network_of
from hemicycle.hearing.people.models import WHOLE_OFFICE, Person, Role, TrackKind
from hemicycle.hearing.setup import actions, document_mapping, drafts, note_uploads, toml_io
from hemicycle.hearing.setup.beginning_forms import CopyForm, PresetForm
from hemicycle.hearing.setup.models import Hearing, Reading
from hemicycle.hearing.setup.nested_forms import RowForm
from hemicycle.hearing.setup.parts import PARTS
from hemicycle.hearing.setup.reordering import RowMove
from hemicycle.hearing.setup.schema import Document, InvalidDocument, Problem
from hemicycle.record import writer
from hemicycle.record.writer import Actor
from hemicycle.ui.languages import listed
from hemicycle.ui.uploads import takes_files

KINDS = (".docx", ".odt", ".pdf", ".html", ".htm", ".md", ".markdown", ".txt", ".toml")
LARGEST = 10 * 1024 * 1024

BESIDE = {
    "facts": {
        **{name: name for name in ("title", "convener", "venue", "time_zone", "platform")},
        **{name: name for name in ("webcast", "hashtag", "languages", "mandate", "mailboxes")},
    },
    "meetings": {"meetings": "meetings"},
    "registration": {
        **{name: name for name in ("deadlines", "categories", "max_per_organization")},
        "list_of_speakers": "list_of_speakers",
    },
    "floor": {"time_limit_seconds": "floor_time_limit_seconds"},
    "questions": {"guiding_questions": "guiding_questions"},
}
"""For each part, its fields and their names in the reading."""

NOTED = tuple(part for part in PARTS if part.slug in BESIDE)
"""The parts of a hearing that a concept note can contain."""


class NoteRefused(ValueError):
    """Raised for a file from which no draft can be made; the message is a sentence for users."""


def convener(request: HttpRequest) -> Person:
    """Return the visitor, who may convene a hearing. Raises `PermissionDenied` for others."""
    person = request.user
    if not isinstance(person, Person) or not may_convene(person):
        raise PermissionDenied(_("Only the secretariat can convene a hearing."))
    return person


@never_cache
@takes_files(LARGEST)
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def convene(request: HttpRequest) -> HttpResponse:
    """Queue a note for the worker, or draft a hearing from its own file; show the progress."""
    person = convener(request)
    problems: list[str] = []
    status = 422
    job = _job(request, person)
    if job and (answer := _progress(request, job)):
        return answer
    if request.method == "POST":
        try:
            return _take(request, person)
        except NoteRefused as error:
            problems = [str(error)]
        except QueueFull as full:
            problems, status = [full.sentence], 429
        except InvalidDocument as invalid:
            problems = [str(problem) for problem in invalid.problems]
    return page(request, person, problems=problems, job=job, status=status)


def page(
    request: HttpRequest,
    person: Person,
    *,
    copy_form: CopyForm | None = None,
    preset_form: PresetForm | None = None,
    problems: Sequence[str] = (),
    job: Job | None = None,
    status: int = 422,
) -> HttpResponse:
    """Show the ways to begin a hearing, with `status` if one of their forms was refused."""
    is_refused = bool(problems or copy_form or preset_form)
    context = {
        "problems": problems,
        "job": job,
        "copy_form": copy_form or CopyForm(person, source=request.GET.get("from", "")),
        "preset_form": preset_form or PresetForm(),
        "kinds": ",".join(KINDS),
        "model_host": language_model.host(),
    }
    return render(request, "hearing/convene.html", context, status=status if is_refused else 200)


def _job(request: HttpRequest, person: Person) -> Job | None:
    asker = note_uploads.asker_of(person)
    return pages.job_asked_for(request, kind=note_uploads.KIND, key=asker, asker=asker)


def _progress(request: HttpRequest, job: Job) -> HttpResponse | None:
    """Show the progress of the reading, or redirect to its draft; None if there is neither."""
    back = reverse("hearing:mine")
    under_way = pages.progress(request, job, layout="public.html", back=back)
    if under_way or job.state in pages.IN_VAIN:
        return under_way
    return redirect("hearing:confirm", pk=UUID(job.result["reading"]))


def _take(request: HttpRequest, person: Person) -> HttpResponse:
    by = actor(request, Role.SECRETARIAT)
    given = request.FILES.get("file")
    if given is None:
        if "empty" not in request.POST:
            raise NoteRefused(_("Choose a file first."))
        hearing = actions.convene({"title": _("New hearing")}, actor=by)
        appoint(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=by)
        return redirect("hearing:programme", slug=hearing.slug)
    if (given.name or "").lower().endswith(".toml"):
        data = toml_io.loads(given.read(toml_io.LONGEST + 1))
        slug = request.POST.get("slug", "").strip()
        hearing = actions.convene({**data, "slug": slug or data["slug"]}, actor=by)
        appoint(person=person, hearing_id=hearing.id, role=Role.SECRETARIAT, actor=by)
        return redirect("hearing:office", slug=hearing.slug)
    job = _ask(request, given, person, by)
    return redirect(f"{request.path}?job={job.token}")


def _ask(request: HttpRequest, given: "UploadedFile[Any]", person: Person, by: Actor) -> Job:
    """Queue a note for the worker. Raises `NoteRefused` if it is refused before it is read."""
    if Path(given.name or "").suffix.lower() not in KINDS:
        kinds = listed(kind.lstrip(".") for kind in KINDS)
        raise NoteRefused(
            _("This kind of file cannot be read. Choose one of: %(kinds)s.") % {"kinds": kinds}
        )
    if (given.size or 0) > LARGEST:
        raise NoteRefused(
            _("The file is larger than %(size)d MB.") % {"size": LARGEST // 1024 // 1024}
        )
    try:
        return note_uploads.ask(
            given=given,
            by=person,
            network=network_of(request),
            actor=by,
            with_model="model" in request.POST,
        )
    except OSError as error:  # a full disk, a folder that may not be written to
        sentence = _("The file could not be saved. Try again in a few minutes.")
        raise NoteRefused(sentence) from error


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the whole reading, each field beside its passage; saving writes it into the draft."""
    reading = get_object_or_404(
        Reading.objects.select_related("hearing"), pk=pk, hearing__isnull=False
    )
    hearing = reading.hearing
    if hearing is None or Role.SECRETARIAT not in roles_in(
        request.user, hearing.id, needs=WHOLE_OFFICE
    ):
        raise PermissionDenied(_("Only the secretariat can convene a hearing."))
    if reading.confirmed_at:
        return redirect("hearing:programme", slug=hearing.slug)
    if request.method == "POST" and "choose" in request.POST:
        ticked = {
            *request.POST.getlist("candidate"),
            *(request.POST.get(name, "") for name in FIELDS),
        }
        drafts.take(reading=reading, chosen={int(place) for place in ticked if place.isdecimal()})
        return redirect("hearing:confirm", pk=reading.pk)
    move = RowMove.asked(request.POST)
    sent = request.POST if request.method == "POST" else None
    forms = _forms(reading, hearing, move.applied(sent) if move and sent else sent)
    saves = sent is not None and not {"add", "move"} & sent.keys()
    if saves and _save(request, hearing, forms):
        drafts.confirm(reading=reading)
        messages.success(request, _("The draft has been saved. Check it, then publish it."))
        return redirect("hearing:office", slug=hearing.slug)
    page = {**_page(reading, hearing, forms), "moved": move.pressed if move else ""}
    return render(request, "hearing/confirm.html", page)


def _forms(reading: Reading, hearing: Hearing, data: QueryDict | None) -> list[RowForm]:
    shown: Document = {**drafts.loose(reading.found), "slug": hearing.slug}
    forms = [part.posted(data, shown) if data is not None else part.filled(shown) for part in NOTED]
    sources = reading.found.get("sources", {})
    missing = set(reading.found.get("missing", ()))
    for part, form in zip(NOTED, forms, strict=True):
        names = BESIDE[part.slug]
        passages = {field: sources.get(theirs, "") for field, theirs in names.items()}
        if part.slug == "meetings":
            passages["meetings"] = _programme_passages(sources)
        form.explain(passages, frozenset(f for f, theirs in names.items() if theirs in missing))
    return forms


def _programme_passages(sources: dict[str, str]) -> str:
    said = [sources.get(name, "") for name in ("meetings", "segments", "panels")]
    return "\n".join(dict.fromkeys(line for text in said for line in text.split("\n") if line))


def _save(request: HttpRequest, hearing: Hearing, forms: list[RowForm]) -> bool:
    if not all([form.is_valid() for form in forms]):  # noqa: C419 - each shows its errors
        return False
    by = actor(request, Role.SECRETARIAT)
    try:
        with writer.writing(hearing.id, actor=by):  # prevents changes between reading and writing
            data = document_mapping.to_document(actions.whole(hearing.id))
            for form in forms:
                data |= form.value()
            actions.change(hearing=hearing, data=data, actor=by)
    except InvalidDocument as invalid:
        left: list[Problem] = invalid.problems
        for part, form in zip(NOTED, forms, strict=True):
            left = part.show(form, left)
        for problem in left:
            forms[0].add_error(None, str(problem))
        return False
    return True


def _label(name: str) -> str:
    """Return the label of one of the reader's fields."""
    own = {
        "segments": _("segments of the programme"),
        "panels": _("panels"),
        "floor_time_limit_seconds": _("floor time limit (seconds)"),
    }
    return own.get(name) or actions.label(name)


def _purpose(track: str) -> str:
    """Return the purpose of a date that is not a deadline for registration."""
    named = {
        "statements": _("written statements"),
        "questions": _("questions for panellists"),
        "attendance": _("attending without speaking"),
        "access": _("access needs"),
        "media": _("media"),
        "training": _("training"),
        "stakeholders": _("another date for stakeholders"),
        "member-states": _("another date for Member States"),
    }
    return named.get(track, track)


def _banners(found: dict[str, Any]) -> list[str]:
    """Return sentences that the secretariat should read before it relies on the reading."""
    status = {
        "cancelled": _("The note says that the hearing is cancelled. The draft has no meeting."),
        "postponed": _("The note says that the hearing is postponed. The draft has no meeting."),
        "rescheduled": _("The note says that the hearing is rescheduled. Check its new day."),
    }.get(found.get("status") or "")
    unsure = _("It is not certain that this text convenes a hearing. Check each field.")
    failure = found.get("model")
    told = language_model.sentence_for(failure["code"], failure["status"]) if failure else None
    return [*([] if found.get("convenes", True) else [unsure]), *filter(None, (status, told))]


def _said(value: Any) -> str:
    """Return a candidate's value on one line."""
    if not isinstance(value, dict):
        return str(value)
    if "track" in value:
        track = str(value["track"])
        named = str(TrackKind(track).label) if track in TrackKind.values else _purpose(track)
        return f"{named}, {value['at'].replace('T', ' ')}"
    hours = "–".join(filter(None, (value["starts"], value["ends"])))
    return " ".join(filter(None, (value["date"], hours)))


def _page(reading: Reading, hearing: Hearing, forms: list[RowForm]) -> dict[str, Any]:
    missing = [_label(name) for name in reading.found.get("missing", ())]
    others = [
        (_purpose(str(deadline.get("track"))), str(deadline.get("at") or "").replace("T", " "))
        for deadline in drafts.other_deadlines(reading.found)
    ]
    candidates = [
        (
            place,
            candidate["field"],
            _label(candidate["field"]),
            _said(candidate["value"]),
            candidate["field"] in drafts.LISTED,
            candidate,
        )
        for place, candidate in enumerate(reading.found.get("candidates") or ())
    ]
    return {
        "reading": reading,
        "banners": _banners(reading.found),
        "candidates": candidates,
        "hearing": hearing,
        "parts": list(zip(NOTED, forms, strict=True)),
        "missing": missing,
        "others": others,
    }
