"""The pages of the circulation: send the published summary, and list its recipients."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.wording import languages_of
from hemicycle.outcome.summary import circulation
from hemicycle.outcome.summary.access import drafted_summary
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.models import SummaryRecipient
from hemicycle.ui.languages import base, language_name
from hemicycle.ui.spreadsheets import Value, csv_response

secretariat = for_roles(Role.SECRETARIAT)


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show who was sent what; on POST send the published summary."""
    summary = drafted_summary(hearing)
    if request.method == "POST":
        _circulate(request, hearing)
        return redirect("summary:circulation", slug=hearing.slug)
    groups = circulation.pending(summary)
    words = request.GET.get("q", "").replace("\0", "").strip()
    context = {
        "hearing": hearing,
        "summary": summary,
        "waiting": list(groups),
        "groups": _by_group(groups.values()),
        "left": circulation.unsubscribed(hearing),
        "samples": [
            (language_name(base(code)), base(code), count, text)
            for code, count, text, _to in circulation.mailing_plan(summary, groups).samples
        ],
        "languages": languages_of(hearing),
        "circulations": circulation.matching(circulation.proofs(summary), words),
        "searched": words,
    }
    return render(request, "summary/circulation.html", context)


def _circulate(request: HttpRequest, hearing: Hearing) -> None:
    try:
        made = circulation.circulate(hearing=hearing, actor=actor(request, Role.SECRETARIAT))
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    else:
        count = made.recipients.count()
        said = _("The summary is being sent. Recipients: %(n)s. See entry %(seq)s of the record.")
        messages.success(request, said % {"n": count, "seq": made.seq})


def _by_group(groups: Iterable[SummaryRecipient.Group]) -> list[tuple[int, Any]]:
    counted = Counter(groups)
    return [(counted[group], group.label) for group in SummaryRecipient.Group if counted[group]]


@never_cache
@secretariat
@require_GET
def as_csv(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Download the proof of all circulations as CSV."""
    head = [
        "Circulated",
        "Entry",
        "Version",
        "Language",
        "SHA-256",
        "Group",
        "Name",
        "Address",
        "State",
        "Sent",
    ]
    summary = drafted_summary(hearing)
    rows: list[list[Value]] = [
        [
            row["circulation"].circulated_at,
            row["circulation"].seq,
            row["circulation"].version.number,
            recipient["row"].language or summary.language,
            row["circulation"].digest_of(recipient["row"].language),
            recipient["row"].group,
            recipient["row"].name,
            recipient["row"].address,
            recipient["state"],
            recipient["sent_at"],
        ]
        for row in circulation.proofs(summary)
        for recipient in row["recipients"]
    ]
    return csv_response(f"{hearing.slug}-circulation", head, rows)
