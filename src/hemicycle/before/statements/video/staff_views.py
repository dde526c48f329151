"""The secretariat's pages about recorded videos, and the address of their files for the engine."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video import actions, queries
from hemicycle.before.statements.video.forms import PlayForm
from hemicycle.before.statements.video.serving import serve
from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.engine_pass import for_engine
from hemicycle.hearing.setup.models import Hearing

watchers = for_roles(
    *(Role.SECRETARIAT, Role.MODERATOR, Role.INTERPRETER, Role.TECHNICIAN), needs={Duty.MEDIA}
)
"""The roles that may watch videos before delivery; like statements, they are confidential then."""


def _is_ours(request: HttpRequest, hearing: Hearing) -> bool:
    return Role.SECRETARIAT in roles_in(request.user, hearing.id, needs={Duty.MEDIA})


def _sees_names(request: HttpRequest, hearing: Hearing) -> bool:
    needs = {Duty.MEDIA, Duty.PROTECTED}
    return Role.SECRETARIAT in roles_in(request.user, hearing.id, needs=needs)


@require_GET
@watchers
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List all valid videos, in the order of the lists."""
    context = {
        "hearing": hearing,
        "videos": queries.standing_videos(hearing.id),
        "sees_names": _sees_names(request, hearing),
    }
    return render(request, "statements/video/office.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@watchers
def detail(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Show one video; the secretariat sets when it is played, or withdraws it."""
    video = get_object_or_404(queries.standing_videos(hearing.id), pk=pk)
    is_ours = _is_ours(request, hearing)
    form = PlayForm(request.POST or None, initial={"play": video.play}) if is_ours else None
    if request.method == "POST" and form is not None:
        if "withdraw" in request.POST:
            actions.withdraw(video=video, actor=actor(request, Role.SECRETARIAT))
            messages.success(request, _("The video has been deleted and will not be played."))
            return redirect("statements:videos", slug=hearing.slug)
        if form.is_valid():
            play = Video.Play(form.cleaned_data["play"])
            actions.choose(video=video, play=play, actor=actor(request, Role.SECRETARIAT))
            messages.success(request, _("Saved."))
            return redirect("statements:office-video", slug=hearing.slug, pk=pk)
    sees_names = _sees_names(request, hearing)
    context = {"hearing": hearing, "video": video, "form": form, "sees_names": sees_names}
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "statements/video/detail.html", context, status=status)


@require_GET
@watchers
def file(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Return a video's file for the player on the page."""
    return serve(request, Video.objects.filter(pk=pk, hearing_id=hearing.id).first())


@for_engine
@require_GET
def to_engine(request: HttpRequest, hearing: UUID, pk: UUID) -> HttpResponseBase:
    """Return a video's file for the media engine."""
    return serve(request, Video.objects.filter(pk=pk, hearing_id=hearing).first())
