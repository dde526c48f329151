"""The address to which witnesses of a hearing send their cosignatures."""

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hemicycle.hearing.setup import witnesses
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.log import cosigning

MOST_BYTES = 16_384

STATUSES: Final = {
    "malformed": 400,
    "witness": 403,
    "signature": 403,
    "checkpoint": 404,
    "history": 409,
    "clock": 422,
}


@csrf_exempt  # programs send it; the signature is the proof
@require_POST
@public_hearing
def hand_in(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Store the cosignatures of known witnesses on a checkpoint; refuse all others."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _answer(413, f"At most {MOST_BYTES} bytes are accepted.")
    try:
        text = request.body.decode("utf-8")
        names = cosigning.take(hearing.id, text, witnesses.keys(hearing))
    except UnicodeDecodeError:
        return _answer(400, "This is not UTF-8 text.")
    except cosigning.CosignatureRefused as refused:
        return _answer(STATUSES[refused.reason], str(refused))
    return _answer(200, f"Accepted: {', '.join(names)}.")


def _answer(status: int, says: str) -> HttpResponse:
    return HttpResponse(f"{says}\n", status=status, content_type="text/plain; charset=utf-8")
