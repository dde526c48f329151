"""The published chain, and the page on which anyone checks a receipt."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from hemicycle.before.registration import published
from hemicycle.before.registration.page_forms import ReceiptForm
from hemicycle.before.registration.published import ReceiptCheck
from hemicycle.before.registration.views.guard import sized
from hemicycle.before.registration.views.received import page_that_checks, receipt_download
from hemicycle.hearing.setup import checkpointing, timestamping, witnesses
from hemicycle.hearing.setup import queries as setup_queries
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import keys, portable, signing
from hemicycle.record.key_stores.base import KeyUnavailable
from hemicycle.record.log import checkpoints
from hemicycle.ui.revalidation import revalidated
from hemicycle.ui.verifier import page as verifier_page

PER_PAGE = 100


@require_GET
@public_hearing
@revalidated
def chain(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the chain, newest first: numbers and hashes, which identify no one."""
    head = published.head_of(hearing)
    key = checkpoints.public_key(hearing.id)
    pages = Paginator(published.newest_first(hearing), PER_PAGE)
    context = {
        "hearing": hearing,
        "head": head,
        "page": pages.get_page(request.GET.get("page")),
        "public_key": keys.pem_of(key),
        "fingerprint": signing.fingerprint(key),
        "log_key": checkpoints.verifier_key(hearing.id, checkpointing.origin(hearing)),
        "log": request.build_absolute_uri(reverse("hearing:log-checkpoint", args=(hearing.slug,))),
        "checkpoint": checkpoints.latest(hearing.id),
        "witnessed": witnesses.state(hearing),
        "witness_lines": _witness_lines(request, hearing),
        "stamped": timestamping.latest(hearing.id),
    }
    return render(request, "registration/chain.html", context)


def _witness_lines(request: HttpRequest, hearing: Hearing) -> str:
    """Return the two lines that run a witness, to be copied."""
    program, checkpoint = (
        request.build_absolute_uri(reverse(name, args=(hearing.slug,)))
        for name in ("registration:verifier", "hearing:log-checkpoint")
    )
    key = checkpoints.verifier_key(hearing.id, checkpointing.origin(hearing))
    followed = checkpoint.removesuffix("/checkpoint")
    return (
        f"curl -fsSO {program}\npython3 {portable.NAME} witness --follow {followed} --key '{key}'\n"
    )


@require_GET
@public_hearing
def chain_json(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Download the whole chain, with its signed end and the key that checks it."""
    return HttpResponse(
        "".join(published.as_json(hearing)),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{hearing.slug}-chain.json"'},
    )


@require_GET
@public_hearing
def public_key(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Download the key that checks receipts and seals, for `hemicycle verify --receipt`."""
    return HttpResponse(
        keys.pem_of(checkpoints.public_key(hearing.id)),
        content_type="application/x-pem-file",
        headers={"Content-Disposition": 'attachment; filename="public-key.pem"'},
    )


@require_GET
@public_hearing
def verifier(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Download the file that checks archives, chains and receipts.

    It is for readers who do not trust the copy inside an archive.
    """
    return HttpResponse(
        portable.packed(),
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{portable.NAME}"'},
    )


@require_GET
@public_hearing
def verify_page(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the page that checks on the reader's own device; archives contain the same file."""
    return HttpResponse(
        verifier_page.packed(),
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": verifier_page.policy()},
    )


@never_cache
@sized
def check(request: HttpRequest) -> HttpResponseBase:
    """Show whether a receipt is valid, and what it proves; it shows nothing about anyone else.

    The holder of a receipt can download it here again with the newest proof.
    """
    asked = request.method == "POST"
    form = ReceiptForm(request.POST, request.FILES) if asked else ReceiptForm()
    verdict = published.check(form.cleaned_data["document"]) if form.is_valid() else None
    if verdict is not None and verdict.entry is not None and "renew" in request.POST:
        return receipt_download(verdict.entry, f"receipt-{verdict.seq}.json")
    status = 422 if asked and verdict is None else 200
    context = {
        "form": form,
        "verdict": verdict,
        "title": _("Check a receipt"),
        "page_that_checks": _page_that_checks(form, verdict),
    }
    return render(request, "registration/check.html", context, status=status)


def _page_that_checks(form: ReceiptForm, verdict: ReceiptCheck | None) -> str:
    """Return the address of the page that checks, of the receipt's hearing or of the newest.

    The page is the same at each hearing. Return "" if there is no hearing, or no key is known.
    """
    try:
        if verdict is not None and verdict.hearing is not None:
            return page_that_checks(verdict.hearing, form.cleaned_data["document"])
        newest = setup_queries.published().order_by("-starts").first()
        return page_that_checks(newest) if newest else ""
    except KeyUnavailable:
        return ""
