"""Queries of recorded videos, for pages and for the media engine."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.statements.models import Video
from hemicycle.hearing.setup.models import Hearing


def standing_videos(hearing: UUID) -> QuerySet[Video]:
    """Query the hearing's videos that were not withdrawn or replaced: one query."""
    related = ("inscription__segment", "inscription__speaker", "inscription__registration")
    rows = (
        Video.objects.filter(hearing_id=hearing)
        .exclude(file="")
        .select_related(*related, "inscription__registration__organization")
    )
    return rows.order_by("inscription__segment__ordinal", "inscription__arrival")


def video_of(inscription: Inscription) -> Video | None:
    """Return the video of a slot; None if it has none."""
    return inscription.videos.exclude(file="").last()


def own(registration: Registration) -> list[tuple[Inscription, Video | None]]:
    """Return a participant's places, each with its video: two queries."""
    places = registration.inscriptions.filter(state=Inscription.State.INSCRIBED)
    found = {
        video.inscription_id: video
        for video in standing_videos(registration.hearing_id).filter(inscription__in=places)
    }
    rows = places.select_related("segment").order_by("segment__ordinal")
    return [(place, found.get(place.pk)) for place in rows]


def brief(hearing: Hearing) -> dict[str, Any]:
    """Return the media engine's configuration: addresses of videos, and which are always played."""
    rows = standing_videos(hearing.id).exclude(play=Video.Play.NEVER)
    played = [video for video in rows if video.inscription.registration.takes_part]
    return {
        "videos": {video.inscription_id.hex: address(video) for video in played},
        "videos_first": [
            video.inscription_id.hex for video in played if video.play == Video.Play.ALWAYS
        ],
    }


def address(video: Video) -> str:
    """Return the address at which the engine gets a video; each video has a different one."""
    return reverse("statements:engine-video", args=(video.hearing_id.hex, video.pk))
