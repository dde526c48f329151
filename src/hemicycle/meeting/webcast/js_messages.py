"""Messages for the player's scripts."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.meeting.cutting.models import CutReason


def words() -> dict[str, str]:
    """Return the messages in the active language."""
    return {
        "webcast.before": _("The webcast begins when the meeting opens."),
        "webcast.on": _("The meeting is on air."),
        "webcast.closed": _("The meeting is closed. Its recording is on its own page."),
        "webcast.loading": _("Loading video …"),
        "webcast.away": _("Video is unavailable. Reconnecting …"),
        "webcast.interrupted": _("The webcast is interrupted. It continues here automatically."),
        **{f"webcast.removed.{reason.value}": str(reason.label) for reason in CutReason},
        "webcast.over": pgettext("the webcast", "The webcast has ended."),
        "webcast.live": pgettext("the webcast", "live"),
        "webcast.behind": _("{time} behind"),
        "webcast.lines": _("{lines}p, {rate} Mbit/s"),
        "webcast.sound": _("Sound only"),
        "webcast.weak": _(
            "Your connection is fast enough for sound only. The picture returns automatically."
        ),
    }
