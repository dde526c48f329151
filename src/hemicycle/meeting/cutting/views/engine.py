"""What the media engine asks about cuts; a service pass opens these addresses."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from hemicycle.hearing.setup.engine_pass import for_engine
from hemicycle.meeting.cutting import actions
from hemicycle.record import writer


@for_engine
@require_safe
def cuts(request: HttpRequest) -> HttpResponse:
    """List the cuts that are still to be made."""
    return JsonResponse({"cuts": actions.ordered()})


@for_engine
@require_POST
def cut(request: HttpRequest, hearing: UUID) -> HttpResponse:
    """Take the report of one cut."""
    try:
        data = json.loads(request.body)
        order, done = dict(data["order"]), data["done"] is True
        UUID(hex=order["cut"]), order["to_ms"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_report", "detail": f"{error!s:.200}"}, status=400)
    try:
        actions.report(hearing=hearing, order=order, done=done)
    except writer.RecordMissing:
        return JsonResponse({"code": "no_hearing"}, status=404)
    return JsonResponse({})
