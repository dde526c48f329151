"""The page right after sending a form: the place, its receipt, and the next steps.

Its address gives access to nothing else: a person who typed somebody else's name and address learns
only of the place that they requested. On a trial installation, which sends no mail, it shows the
letter.
"""

from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hemicycle.before.registration import letters, links, queries, waiting
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.queries import registration_by_id
from hemicycle.before.registration.views import receipts
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import outbox
from hemicycle.record import receipts as receipts_of_record
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Entry


@require_GET
@never_cache
def page(request: HttpRequest, key: str) -> HttpResponseBase:
    """Show the receipt, and say that the mailbox must confirm the place."""
    registration = _found(key)
    if registration is None:
        return render(request, "registration/stale_link.html", status=410)
    inscriptions = queries.inscriptions_of(registration)
    shown = receipts.receipts_of(registration, inscriptions, key, "registration:received-receipt")
    context = {
        "hearing": registration.hearing,
        "registration": registration,
        "inscriptions": inscriptions,
        "receipts": shown,
        "waits": waits_shown(registration, inscriptions),
        "letter": _letter(request, registration),
        "is_again": "again" in request.GET,
    }
    return HttpResponse(receipts.write(request, registration, context))


def _found(key: str) -> Registration | None:
    row = links.row_of_receipt(key)
    return registration_by_id(row) if row else None


def waits_shown(registration: Registration, inscriptions: list[Inscription]) -> list[waiting.Wait]:
    """Return what the registration waits for; nothing if it has the only panel that it can have."""
    has_it = not registration.is_mission and bool(inscriptions)
    is_held = registration.status == Registration.Status.WAITING
    asks = registration.wishes_to_intervene and not has_it
    return waiting.waits_of(registration) if is_held or asks else []


def _letter(request: HttpRequest, registration: Registration) -> dict[str, Any] | None:
    """Return the letter to the mailbox on an installation that sends no mail; otherwise None."""
    host = request.get_host().rpartition(":")[0].strip("[]") or request.get_host()
    waits = registration.is_live and not registration.is_confirmed
    if not (waits and outbox.is_trial() and outbox.is_loopback(host)):
        return None
    text = letters.confirmation_text(registration)
    return {
        "text": text,
        "link": reverse("registration:confirm", args=(links.confirmation_secret(registration),)),
    }


@require_GET
@never_cache
def receipt(request: HttpRequest, key: str, seq: int) -> HttpResponseBase:
    """Download a signed receipt."""
    registration = _found(key)
    if registration is None:
        raise Http404
    return receipt_file(request, registration, seq)


def receipt_file(request: HttpRequest, registration: Registration, seq: int) -> HttpResponseBase:
    """Return the receipt of one of a registration's entries; raise `Http404` for another entry.

    With `?check`, it redirects to the page that checks the receipt in the browser. The receipt is
    after the `#` of the address, which browsers do not send.
    """
    provable = {registration.arrival, *registration.inscriptions.values_list("seq", flat=True)}
    if seq not in provable:
        raise Http404
    entry = Entry.objects.get(hearing=registration.hearing_id, seq=seq)
    if "check" in request.GET:
        document = receipts_of_record.spelled(queries.signed_receipt(entry))
        return HttpResponseRedirect(page_that_checks(registration.hearing, document))
    return receipt_download(entry, f"receipt-{registration.reference}.json")


def page_that_checks(hearing: Hearing, receipt: str = "") -> str:
    """Return the address of the page that checks a receipt on the reader's own device.

    Its data is after the `#`, which browsers do not send.
    """
    given = {"key": checkpoints.known_fingerprint(), "language": get_language() or ""}
    if receipt:
        given["receipt"] = urlsafe_b64encode(receipt.strip().encode()).decode()
    page = reverse("registration:verify-page", args=(hearing.slug,))
    return f"{page}#{urlencode(given)}"


def receipt_download(entry: Entry, name: str) -> HttpResponseBase:
    """Download the receipt of an entry, with the newest proof of its place."""
    return HttpResponse(
        receipts_of_record.spelled(queries.signed_receipt(entry)),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
