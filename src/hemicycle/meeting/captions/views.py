"""The captioner's console: a captioner hears the room and writes what is said, line by line.

The console sends the lines to the media engine, not to this app (`POST /media/captions/…`,
docs/media.md). This app provides the page, and the statement of the present speaker, broken into
lines that can be sent unchanged. Statements are confidential until they are delivered, so only
captioners, and people who may read statements anyway, receive them.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hemicycle.before.statements import queries
from hemicycle.engine.captions.lines import COLUMNS, caption_lines
from hemicycle.hearing.people import sessions
from hemicycle.hearing.people.models import Duty, Person, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.state.meeting_view import live_view
from hemicycle.record import feed
from hemicycle.ui.languages import language_name

captioners = for_roles(Role.CAPTIONER, Role.SECRETARIAT, needs={Duty.MEDIA})
FLOOR = "floor"


@captioners
@require_safe
def door(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Redirect a captioner to captions in their own language, or else in the hearing's first."""
    own = request.user.language if isinstance(request.user, Person) else ""
    offered = hearing.languages or ["en"]
    chosen = own if own in offered else offered[0]
    return redirect("captions:console", slug=hearing.slug, language=chosen)


@never_cache
@captioners
@require_safe
def console(request: HttpRequest, hearing: Hearing, language: str) -> HttpResponseBase:
    """Show the console for the captions in one of the hearing's languages."""
    if language not in hearing.languages:
        raise Http404
    named = [(tag, language_name(tag)) for tag in hearing.languages]
    pass_url = reverse("room:own-pass", args=(hearing.slug,))
    context = {
        "hearing": hearing,
        "language": language,
        "language_name": language_name(language),
        "languages": named,
        "channels": [(FLOOR, _("The floor, as it is spoken")), *named],
        "columns": COLUMNS,
        "snapshot": live_view(hearing.id),
        "feed_url": feed.address(hearing.id, "live", sessions.holder(request)),
        "pass_url": pass_url,
        "settings": {
            "pass": pass_url,
            "captions": f"/media/captions/{hearing.id.hex}",
            "text": reverse("captions:text", args=(hearing.slug, language)),
            "language": language,
            "zone": hearing.time_zone or "UTC",
        },
        "words": words(),
    }
    return render(request, "captions/console.html", context)


@never_cache
@captioners
@require_safe
def statement(request: HttpRequest, hearing: Hearing, language: str) -> JsonResponse:
    """Return the caption lines of the statement for the place `slot`; [] if there is no text.

    `language` and `language_name` are those of the statement, "" if its language is unknown. `fits`
    says whether these captions are in the same language, or the language is unknown.
    """
    found = _statement_of(hearing, request.GET.get("slot", ""))
    own = found.latest.language if found and found.latest else ""
    fits = not own or own.partition("-")[0] == language.partition("-")[0]
    lines = caption_lines(found.public_text) if found else []
    named = {"language": own, "language_name": own and language_name(own)}
    return JsonResponse({"lines": lines, **named, "fits": fits})


def _statement_of(hearing: Hearing, slot: str) -> queries.StatementDetails | None:
    try:
        inscription = UUID(hex=slot)
    except ValueError:
        return None
    rows = queries.statements_of(hearing).filter(inscription=inscription)
    return next(iter(queries.details_of(hearing, rows)), None)


def words() -> dict[str, str | dict[str, str]]:
    """Return the messages of the console's scripts."""
    return {
        "captions.idle": _("nothing sent yet"),
        "captions.sending": _("sending"),
        "captions.sent": pgettext("a line of captions", "sent"),
        "captions.waiting": _("not sent; trying again"),
        "captions.refused": _("refused"),
        "captions.corrected": _("corrected"),
        "captions.replaced": _("sent; others see an alias, or […], instead of a name"),
        "captions.correcting": _("You are correcting the last line. Press Enter to send it again."),
        "captions.none": _("There is no sent line to correct."),
        "captions.wide": _("Columns: {n}; two rows hold up to {most}"),
        "captions.no_text": _("There is no statement, or its text could not be read."),
        "captions.other_language": _("This statement is in {language}."),
        "captions.over": _("All of its lines have been sent."),
        "captions.short_forms": {
            form: ngettext("{n} short form", "{n} short forms", n)
            for form, n in {
                "zero": 0,
                "one": 1,
                "two": 2,
                "few": 3,
                "many": 11,
                "other": 100,
            }.items()
        },
        "captions.bad_line": _(
            "Line {n} could not be read. Enter the short form, = and the words."
        ),
    }
