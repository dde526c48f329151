"""The addresses for the media engine: hearings to run, their configuration, and its facts.

A service pass authorizes the requests; a person's session does not. The public key for edges is
open to all.
"""

import json
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from hemicycle.engine.edges import tokens
from hemicycle.hearing.people import sessions
from hemicycle.hearing.setup.engine_pass import for_engine
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.media_machines import lease_requests, leases
from hemicycle.meeting.media_machines.lease_rules import NameTaken
from hemicycle.meeting.media_machines.leases import StaleEpoch
from hemicycle.meeting.room import edges as room_edges
from hemicycle.meeting.room import engine, practice
from hemicycle.record import writer


@for_engine
@require_POST
def hearings(request: HttpRequest) -> HttpResponse:
    """Return the hearings that an engine runs, and renew its leases on them."""
    try:
        asked = lease_requests.read(json.loads(request.body))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_machine", "detail": f"{error!s:.200}"}, status=400)
    try:
        return JsonResponse(leases.as_data(leases.ask(asked, engine.on_air())))
    except NameTaken:
        detail = "Another process has the name of this machine."
        return JsonResponse({"code": "name_taken", "detail": detail}, status=409)


@for_engine
@require_safe
def about(request: HttpRequest, hearing: UUID) -> HttpResponse:
    """Return the configuration of a hearing."""
    found = Hearing.every.filter(pk=hearing).exclude(status=Hearing.Status.DRAFT).first()
    if found is None:
        return JsonResponse({"code": "no_hearing"}, status=404)
    return JsonResponse(engine.hearing_config(found))


@for_engine
@require_POST
def facts(request: HttpRequest, hearing: UUID) -> HttpResponse:
    """Receive facts in order; each becomes an entry once."""
    try:
        data = json.loads(request.body)
        sender, batch = UUID(hex=data["engine"]), engine.read_facts(data["facts"])
        epoch = lease_requests.epoch(data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_facts", "detail": f"{error!s:.200}"}, status=400)
    try:
        return JsonResponse({"taken": engine.take(hearing, sender, batch, epoch)})
    except StaleEpoch:
        return lease_requests.stale()
    except writer.RecordMissing:
        return JsonResponse({"code": "no_hearing"}, status=404)


@for_engine
@require_POST
def edges(request: HttpRequest, hearing: UUID) -> HttpResponse:
    """Receive the engine's report on the edges of a hearing."""
    try:
        room_edges.report(hearing, json.loads(request.body)["edges"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_edges", "detail": f"{error!s:.200}"}, status=400)
    return JsonResponse({})


@require_safe
@cache_control(public=True, max_age=300)
def edge_keys(request: HttpRequest) -> HttpResponse:
    """Return the public key with which edges check tokens (RFC 7517). It gives no access."""
    return JsonResponse(tokens.jwks(settings.MEDIA_ENGINE.secret))


@for_engine
@require_POST
def check(request: HttpRequest, hearing: UUID) -> HttpResponse:
    """Save the engine's measurements of a person who has passed the device check."""
    try:
        data = json.loads(request.body)
        person, findings = UUID(hex=data["person"]), practice.Findings.read(data)
        epoch = lease_requests.epoch(data)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_check", "detail": f"{error!s:.200}"}, status=400)
    room = Hearing.every.filter(pk=hearing).first()
    try:
        leases.check_epoch(hearing, epoch)
        practice.passed(
            hearing=room.registered_id if room else hearing, person=person, findings=findings
        )
    except StaleEpoch:
        return lease_requests.stale()
    except writer.RecordMissing:
        return JsonResponse({"code": "no_hearing"}, status=404)
    return JsonResponse({})


@for_engine
@require_POST
def ended(request: HttpRequest, hearing: UUID) -> HttpResponse:
    """Return which of the sessions in the request have ended."""
    try:
        asked = {UUID(hex=session) for session in json.loads(request.body)["sessions"]}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return JsonResponse({"code": "bad_sessions", "detail": f"{error!s:.200}"}, status=400)
    alive = set(sessions.alive(asked).values_list("pk", flat=True))
    return JsonResponse({"ended": sorted(session.hex for session in asked - alive)})
