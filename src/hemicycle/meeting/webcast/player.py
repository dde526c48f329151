"""The player that the live page, recordings and embedded pages share."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.html import format_html
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csp import csp_override

from hemicycle.hearing.setup.models import Hearing, Meeting
from hemicycle.hearing.setup.public_delay import delay_ms
from hemicycle.meeting.webcast import recordings
from hemicycle.procedure.state import Floor
from hemicycle.ui import words

type View = Callable[..., HttpResponseBase]


def context(hearing: Hearing, meeting: Meeting, floor: Floor, *, live: bool) -> dict[str, Any]:
    """Return the context for `webcast/_player.html`."""
    base = recordings.address(meeting)
    return {
        "source": f"{base}/master.m3u8",
        "sound": f"{base}/sound.m3u8",
        "facts": f"{base}/meeting.json",
        "hls": static("vendor/hls/hls.min.js"),
        "live": live,
        "phase": floor.phase,
        "delay_s": delay_ms(meeting, floor) // 1000,
        "interrupted": floor.feed_stopped,
        "channels": recordings.channels(hearing, get_language() or "en"),
    }


def snippet(hearing: Hearing, meeting: Meeting | None = None) -> str:
    """Return HTML with which other sites embed a meeting's recording, or the live webcast."""
    name, parts = ("embed", (meeting.id,)) if meeting else ("embed-live", ())
    return format_html(
        '<iframe src="{}{}" title="{}" width="640" height="480" loading="lazy" '
        'allow="autoplay; fullscreen"></iframe>',
        settings.BASE_URL,
        reverse(f"webcast:{name}", args=(hearing.slug, *parts)),
        f"{hearing.title}: {meeting.title}" if meeting else words.plain(hearing.title),
    )


def plays(view: View) -> View:
    """Set a content security policy with which the page can play the webcast.

    hls.js passes the picture to the browser as a blob, and starts captions with an empty file as
    `data:`.
    """
    return _with_policy(view, {})


def embeds(view: View) -> View:
    """Set a policy with which other sites can embed the page and play the webcast."""
    return xframe_options_exempt(_with_policy(view, {"frame-ancestors": ["*"]}))


def _with_policy(view: View, more: dict[str, list[str]]) -> View:
    parts = urlsplit(settings.WEBCAST_URL)
    elsewhere = [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []
    policy = {
        **settings.SECURE_CSP,
        "media-src": [CSP.SELF, "blob:", "data:", *elsewhere],
        "connect-src": [CSP.SELF, *elsewhere],
        **more,
    }
    made: View = csp_override(policy)(view)
    return made
