"""The media engine's requests about recordings; a service pass authorizes them."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from hemicycle.hearing.setup.engine_pass import for_engine
from hemicycle.meeting.cutting import actions
from hemicycle.meeting.media_machines import lease_requests, removals
from hemicycle.meeting.media_machines.leases import StaleEpoch
from hemicycle.record import writer


@for_engine
@require_POST
def cuts(request: HttpRequest) -> HttpResponse:
    """Return the cuts that a machine must still make in its folder, and the hearings to remove."""
    try:
        data = json.loads(request.body)
        machine, folder = str(data["machine"]), str(data["folder"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_machine", "detail": f"{error!s:.200}"}, status=400)
    cuts, removed = actions.ordered(machine, folder), removals.ordered(machine, folder)
    return JsonResponse({"cuts": cuts, "removed": removed})


@for_engine
@require_POST
def removed(request: HttpRequest) -> HttpResponse:
    """Receive the report that a machine's folder has nothing left of a removed hearing."""
    try:
        data = json.loads(request.body)
        hearing = UUID(hex=data["hearing"])
        machine, folder = str(data["machine"]), str(data["folder"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_report", "detail": f"{error!s:.200}"}, status=400)
    removals.report(machine, folder, hearing)
    return JsonResponse({})


@for_engine
@require_POST
def cut(request: HttpRequest, hearing: UUID) -> HttpResponse:
    """Receive the report of one cut."""
    try:
        data = json.loads(request.body)
        order, done = dict(data["order"]), data["done"] is True
        UUID(hex=order["cut"]), order["to_ms"]
        place = {name: str(data[name])[:63] for name in ("machine", "folder")}
        epoch = None if data["epoch"] is None else lease_requests.epoch(data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_report", "detail": f"{error!s:.200}"}, status=400)
    try:
        actions.report(hearing=hearing, order=order, done=done, epoch=epoch, **place)
    except StaleEpoch:
        return lease_requests.stale()
    except writer.RecordMissing:
        return JsonResponse({"code": "no_hearing"}, status=404)
    return JsonResponse({})
