"""A participant's own recorded video."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hemicycle.before.registration import speaking_time
from hemicycle.before.registration.access import actor_of, personal
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.views.guard import sized
from hemicycle.before.statements import uploads
from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video import actions, queries
from hemicycle.before.statements.video import uploads as video_uploads
from hemicycle.before.statements.video.forms import RECORDING, PlayForm, VideoForm
from hemicycle.before.statements.video.probe import LARGEST
from hemicycle.before.statements.video.serving import serve
from hemicycle.hearing.jobs import pages
from hemicycle.hearing.jobs.models import Job
from hemicycle.hearing.jobs.queue import QueueFull
from hemicycle.hearing.people.limits import network_of
from hemicycle.hearing.setup.models import Hearing

with_video = partial(sized, files=RECORDING)


def _place(registration: Registration, pk: UUID) -> Inscription:
    places = registration.inscriptions.select_related("segment", "registration")
    return get_object_or_404(places, pk=pk)


def _secret(request: HttpRequest) -> str:
    assert request.resolver_match is not None
    return str(request.resolver_match.kwargs["secret"])


@require_http_methods(["GET", "HEAD", "POST"])
@with_video
@personal
def hand_in(request: HttpRequest, registration: Registration, place: UUID) -> HttpResponseBase:
    """Submit a video for a slot, play the present one, and set when it is played."""
    own = _place(registration, place)
    hearing = registration.hearing
    job = _job(request, registration, own)
    if job and (under_way := _progress(request, job, hearing)):
        return under_way
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = VideoForm(*sent)
    status = 200
    if form.is_bound:
        asked, status = _ask(request, registration, own, form)
        if asked:
            return redirect(f"{request.path}?job={asked.token}")
    video = queries.video_of(own)
    context = {
        "hearing": hearing,
        "registration": registration,
        "place": own,
        "video": video,
        "form": form,
        "job": job,
        "play": PlayForm(initial={"play": video.play}) if video else None,
        "limit_ms": speaking_time.limit_s(hearing, own) * 1000,
        "largest": LARGEST,
        "secret": _secret(request),
    }
    return render(request, "statements/video/hand_in.html", context, status=status)


def _job(request: HttpRequest, registration: Registration, place: Inscription) -> Job | None:
    """Return the job of the file that was sent before; None while another one is being sent."""
    key, asker = uploads.key_of(registration, place), uploads.asker_of(registration)
    return pages.job_asked_for(request, kind=video_uploads.KIND, key=key, asker=asker)


def _progress(request: HttpRequest, job: Job, hearing: Hearing) -> HttpResponseBase | None:
    """Show the progress of the job, or redirect once it is done; None if it failed."""
    under_way = pages.progress(
        request, job, layout="public.html", back=request.path, hearing=hearing
    )
    if under_way or job.state in pages.IN_VAIN:
        return under_way
    messages.success(request, _("Your video has been received. Play it below to check it."))
    return redirect(request.path)


def _ask(
    request: HttpRequest, registration: Registration, place: Inscription, form: VideoForm
) -> tuple[Job | None, int]:
    """Queue what a form sent for the worker; return the job and the status of the answer.

    Without a job, the form has an error.
    """
    if not form.is_valid():
        return None, 422
    try:
        job = video_uploads.ask(
            inscription=place,
            uploaded=form.cleaned_data["file"],
            by=registration.person,
            network=network_of(request),
            actor=actor_of(registration),
        )
    except actions.VideoRefused as refused:
        form.add_error("file", refused.sentence)
        return None, 422
    except QueueFull as full:
        form.add_error("file", full.sentence)
        return None, 429
    return job, 302


@require_POST
@personal
def withdraw(request: HttpRequest, registration: Registration, place: UUID) -> HttpResponseBase:
    """Withdraw the video."""
    if video := queries.video_of(_place(registration, place)):
        actions.withdraw(video=video, actor=actor_of(registration))
        messages.success(request, _("Your video has been deleted and will not be played."))
    return redirect("statements:video", secret=_secret(request), place=place)


@require_POST
@personal
def choose(request: HttpRequest, registration: Registration, place: UUID) -> HttpResponseBase:
    """Set when the video is played."""
    video = queries.video_of(_place(registration, place))
    form = PlayForm(request.POST)
    if video and form.is_valid():
        play = Video.Play(form.cleaned_data["play"])
        actions.choose(video=video, play=play, actor=actor_of(registration))
        messages.success(request, _("Saved."))
    return redirect("statements:video", secret=_secret(request), place=place)


@require_GET
@personal
def own_file(request: HttpRequest, registration: Registration, pk: UUID) -> HttpResponseBase:
    """Return the participant's own video for the player on their page."""
    rows = Video.objects.filter(inscription__registration=registration)
    return serve(request, rows.filter(pk=pk).first())
