"""The pages of the circulation: send the published summary, and list its recipients."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.aliases import hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.wording import languages_of
from hemicycle.outcome.summary import circulation
from hemicycle.outcome.summary.access import drafted_summary
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.circulation import SUMMARY_PAPER, CirculatedPaper
from hemicycle.outcome.summary.models import Summary, SummaryRecipient
from hemicycle.ui import searches
from hemicycle.ui.languages import base
from hemicycle.ui.spreadsheets import Value, csv_response

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS})
naming_officers = for_roles(Role.SECRETARIAT, needs={Duty.DOCUMENTS, Duty.PROTECTED})
"""Access to tables of recipients, which have real names and addresses."""


@never_cache
@secretariat
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Show who was sent which version; on POST send the published summary."""
    summary = drafted_summary(hearing)
    if request.method == "POST":
        send(request, hearing, SUMMARY_PAPER)
        return redirect("summary:circulation", slug=hearing.slug)
    csv = reverse("summary:circulation-csv", args=(hearing.slug,))
    context = circulation_context(request, summary, SUMMARY_PAPER, csv) | {"is_whole": True}
    return render(request, "summary/circulation.html", context)


def circulation_context(
    request: HttpRequest, summary: Summary, paper: CirculatedPaper, csv: str
) -> dict[str, Any]:
    """Return the context of a circulation's page: whom it would reach, the letters, the proofs.

    `csv` is the address of the table of proofs, for officers who may read all names.
    """
    hearing = summary.hearing
    groups = circulation.pending(summary, paper)
    words = searches.words(request.GET)
    is_published = paper.version(summary, "") is not None
    hidden = None if sees_names(request) else hidden_in(hearing.id)
    plan = circulation.mailing_plan(summary, groups, paper)
    plan.hidden = hidden
    named = [to for to in groups if not (hidden and hidden.has(to.person, to.address))]
    proofs = circulation.without(hidden, circulation.proofs(summary, paper))
    return {
        "hearing": hearing,
        "summary": summary,
        "letter": paper.letter.key,
        "is_published": is_published,
        "is_sendable": is_published and not paper.is_superseded(summary),
        "waiting": list(groups),
        "named": named,
        "left_out": len(groups) - len(named),
        "csv": csv if sees_names(request) else "",
        "groups": _by_group(groups.values()),
        "left": circulation.unsubscribed(hearing),
        "samples": [
            (sample.name, base(sample.language), sample.count, sample.text)
            for sample in plan.samples
            if sample.text
        ],
        "languages": languages_of(hearing),
        "circulations": circulation.matching(proofs, words),
        "searched": words,
    }


def send(request: HttpRequest, hearing: Hearing, paper: CirculatedPaper) -> None:
    """Circulate the paper, and tell the user to how many recipients."""
    by = actor(request, Role.SECRETARIAT)
    try:
        made = circulation.circulate(hearing=hearing, paper=paper, actor=by)
    except SummaryRefused as refused:
        messages.error(request, refused.sentence)
    else:
        count = made.recipients.count()
        said = _("The letters are being sent. Recipients: %(n)s. See entry %(seq)s of the record.")
        messages.success(request, said % {"n": count, "seq": made.seq})


def _by_group(groups: Iterable[SummaryRecipient.Group]) -> list[tuple[int, Any]]:
    counted = Counter(groups)
    return [(counted[group], group.label) for group in SummaryRecipient.Group if counted[group]]


@never_cache
@naming_officers
@require_GET
def as_csv(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Download the proof of all circulations of the summary as CSV."""
    return proofs_csv(hearing, SUMMARY_PAPER, "circulation")


def proofs_csv(hearing: Hearing, paper: CirculatedPaper, name: str) -> HttpResponse:
    """Return the proof of all circulations of the paper as CSV."""
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
        for row in circulation.proofs(summary, paper)
        for recipient in row["recipients"]
    ]
    return csv_response(f"{hearing.slug}-{name}", head, rows)
