"""The technician's page: every line into and out of the engine, and the engine's own state."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from hemicycle.before.on_air import choices
from hemicycle.before.on_air.choices import SUGGESTED, Subject
from hemicycle.engine.protection import OPEN
from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import engine_health, live_context, presses
from hemicycle.meeting.room.access import NEEDS_TENDING, TENDING, holder_of
from hemicycle.meeting.state.display_names import DisplayName, display_names, names_of_people
from hemicycle.meeting.state.meeting_view import current_meeting, live_view
from hemicycle.meeting.wall import cards as wall
from hemicycle.procedure.commands import BadCommand
from hemicycle.procedure.refusals import Refused
from hemicycle.record import feed
from hemicycle.record.writer import Actor
from hemicycle.ui.refusals import sentence_of

ACTS = frozenset({"end_floor", "remove_participant", "readmit_participant"})
"""The acts on the floor that a technician may carry out."""


@require_safe
@never_cache
@for_roles(*TENDING, needs=NEEDS_TENDING)
def page(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show the seats, booths, notices and messages; the engine's health is loaded separately."""
    meeting, floor = current_meeting(hearing.id)
    context = {
        "hearing": hearing,
        "meeting": meeting,
        "phase": floor.phase,
        "snapshot": live_view(hearing.id),
        "feed_url": feed.address(hearing.id, "room", holder_of(request)),
        **live_context.console(hearing, here="technician"),
        "line_words": _words(),
        "wall_screens": wall.switches(hearing),
        "speakers": _speakers(hearing),
        "people": _people(hearing),
    }
    return render(request, "room/technician.html", context)


def _speakers(hearing: Hearing) -> list[tuple[str, DisplayName, bool]]:
    """Return the speakers of the current meeting as (slot, name, whether they are protected)."""
    _meeting, floor = current_meeting(hearing.id)
    protected = choices.protected(hearing.id)
    names = display_names(floor.slots.values())
    return [
        (slot, name, not protected.get(slot, OPEN).is_looser_than(SUGGESTED))
        for slot, name in names.items()
    ]


def _people(hearing: Hearing) -> list[tuple[str, str, bool]]:
    """Return who is connected, has the floor or was removed: (id, public name, is removed)."""
    meeting, floor = current_meeting(hearing.id)
    if meeting is None:
        return []
    present = {seat.person for seat in floor.seats.values()}
    present |= {link.person for link in floor.links.values()}
    if floor.holder is not None:
        present.add(floor.slots[floor.holder.slot].person)
    names = names_of_people(hearing.id, present | floor.removed)
    found = [(person, name.name, person in floor.removed) for person, name in names.items()]
    return sorted(found, key=lambda one: (one[2], one[1], one[0]))


@require_POST
@never_cache
@for_roles(*TENDING, needs=NEEDS_TENDING)
def act(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """End the floor, remove a person with a reason, or readmit them."""
    meeting, floor = current_meeting(hearing.id)
    press = request.POST.get("press", "")
    if meeting is None or press not in ACTS:
        return HttpResponse(_("Reload the page."), status=400, content_type="text/plain")
    data = {"press": press, "seen": str(floor.act_seq), "reason": "moderator"}
    data |= {name: request.POST.get(name, "") for name in ("person", "note")}
    if press == "remove_participant" and not data["note"].strip():
        messages.warning(request, _("Give a reason. It is saved in the record."))
        return redirect("room:technician", slug=hearing.slug)
    try:
        presses.press(hearing=hearing, meeting=meeting, data=data, actor=_by(request, hearing))
    except (Refused, BadCommand) as error:
        messages.warning(request, sentence_of(error) if isinstance(error, Refused) else str(error))
    return redirect("room:technician", slug=hearing.slug)


def _by(request: HttpRequest, hearing: Hearing) -> Actor:
    held = roles_in(request.user, hearing.id, needs=NEEDS_TENDING)
    return actor(request, next(role for role in TENDING if role in held))


@require_POST
@never_cache
@for_roles(*TENDING, needs=NEEDS_TENDING)
def protect(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """From now on, replace a speaker's picture by a card and change their voice."""
    try:
        slot = UUID(hex=request.POST.get("slot", ""))
    except ValueError:
        return HttpResponse(_("Choose a speaker."), status=400, content_type="text/plain")
    subject = Subject.of_slot(hearing, slot)
    if subject is None:
        raise Http404
    choices.protect(subject, actor=_by(request, hearing))
    messages.success(request, _("From now on the public sees a card and hears a changed voice."))
    return redirect("room:technician", slug=hearing.slug)


def _words() -> dict[str, str]:
    """Return the labels of roles, purposes of connections and notices for the page's script."""
    roles = {f"role.{role.value}": str(role.label) for role in Role}
    return roles | {
        "role.listener": _("Listener"),
        "use.publish": _("microphone and camera"),
        "use.screen": _("shared screen"),
        "use.listen": _("listens"),
        "use.attend": _("follows"),
        "use.practice": _("practises"),
        "use.captions": _("captions"),
        "key.silence": _("Silence"),
        "key.unsilence": _("Let them be heard"),
        "key.restart": _("Restart"),
        "key.write": _("Write"),
        **_notices(),
    }


def _notices() -> dict[str, str]:
    """Return the sentences of the engine's notices, by the codes of `engine.refusals.NOTICES`."""
    return {
        "notice.limiter": _("The limiter reduced channel {channel} by {db} dB."),
        "notice.source": _(
            "A source of sound could not be read and was left out. Connect it again."
        ),
        "notice.late": _("The server is overloaded: {s} s of sound were lost."),
        "notice.flooding": _("{name} sent too much data and was disconnected."),
        "notice.too_large": _(
            "The picture of {name} is too large and is not shown. The sound is heard."
        ),
        "notice.no_picture_codec": _(
            "The picture of {name} is in a format that is not supported and is not shown. The "
            "sound is heard."
        ),
        "notice.blocked": _(
            "The network of {name} blocks live sound. Their page says what to do, and they can "
            "write to you from it."
        ),
        "notice.relay_refused": _(
            "{name} cannot connect: the relay server (TURN) refuses the connection, and their "
            "network lets nothing else through. Tell the people who run the server: “hemicycle "
            "doctor” says what is wrong."
        ),
        "notice.behind": _(
            "A newer version of Hemicycle has written entries that this media engine cannot read. "
            "People are heard only if the moderator gives them the floor after such an entry. "
            "Upgrade the media machine."
        ),
        "notice.disk_full": _(
            "The webcast disk is full. Free some space. The meeting continues, and what is "
            "missing from the recording is marked as a gap."
        ),
        "notice.disk_trouble": _(
            "The webcast cannot be written to disk. Check the disk. The meeting continues, and "
            "what is missing from the recording is marked as a gap."
        ),
        "notice.store_away": _(
            "The object store of the webcast does not accept files. The meeting continues, but "
            "people who watch through the store see nothing new. The log of the media engine says "
            "why."
        ),
        "notice.store_behind": _(
            "The object store of the webcast is too slow: what viewers see there is minutes old. "
            "The meeting continues."
        ),
        "notice.webcast_behind": _(
            "The webcast cannot keep up because its disk is too slow or the server is "
            "overloaded. The meeting continues, but parts are missing from the webcast."
        ),
        "notice.webcast_failed": _(
            "The webcast has stopped because of an error. See the log of the media engine. The "
            "meeting continues without the webcast."
        ),
        "notice.video": _(
            "A recorded video cannot be played. Its file is damaged, too long, or in an "
            "unsupported format."
        ),
        "notice.video_fetch": _("A recorded video cannot be fetched from the site."),
        "notice.edge": _(
            "The edge server {host} does not receive the program. Its listeners get it from "
            "another edge server, or from the media engine. Trying again …"
        ),
        "notice.push": _("The connection to another broadcaster ({host}) was lost. Trying again …"),
    }


@require_safe
@never_cache
@for_roles(*TENDING, needs=NEEDS_TENDING)
def engine(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Render the state of the engine as a fragment of the page."""
    return render(
        request,
        "room/_engine.html",
        {"hearing": hearing, "engine": engine_health.figures(hearing.id)},
    )
