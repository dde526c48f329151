"""The page of changes of plan: what changed, whom it concerns, and whether to write to them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup import plan_changes
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.aliases import hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import announcing, calendar_entries
from hemicycle.mail.outgoing.actions import OutgoingRefused


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the pending changes, whom each concerns, and sample letters; save a decision."""
    if request.method == "POST":
        return _decided(request, hearing)
    changes = plan_changes.pending(hearing)
    hidden = None if sees_names(request) else hidden_in(hearing.id)
    letters = announcing.preview(hearing, changes, hidden)
    said = plan_changes.sentences(hearing, changes)
    context = {
        "hearing": hearing,
        "rows": [
            (sentence, letters.count(change))
            for change, sentence in zip(changes, said, strict=True)
        ],
        "count": len(letters.people),
        "samples": letters.samples,
        "shown": plan_changes.digest(changes),
        "has_calendars": calendar_entries.is_on(hearing),
        "announced": plan_changes.sentences(hearing, plan_changes.announced(hearing)),
    }
    return render(request, "outgoing/plan.html", context)


def _decided(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    by, shown = actor(request, Role.SECRETARIAT), request.POST.get("shown", "")
    here = redirect("outgoing:plan", slug=hearing.slug)
    try:
        if "quiet" in request.POST:
            announcing.keep_quiet(hearing=hearing, shown=shown, actor=by)
            messages.success(request, _("You chose not to announce these changes."))
            return redirect("hearing:office", slug=hearing.slug)
        mailing = announcing.announce(hearing=hearing, shown=shown, actor=by)
    except OutgoingRefused as refused:
        messages.error(request, refused.sentence)
        return here
    if mailing is None:
        messages.success(request, _("The hearing’s page shows the changes. No letter was needed."))
        return here
    number = mailing.addressees
    said = ngettext("%(number)s letter is queued.", "%(number)s letters are queued.", number)
    messages.success(request, said % {"number": number})
    return redirect("outgoing:mailing", slug=hearing.slug, pk=mailing.pk)
