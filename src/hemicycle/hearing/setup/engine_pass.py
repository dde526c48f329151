"""Views for the media engine only: it has no session, but signs a service pass."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from hemicycle.engine.control import passes

type Answer = Callable[..., HttpResponseBase]


def for_engine(view: Answer) -> Answer:
    """Open a view only to the engine: by a service pass for the address's hearing, or for none.

    The engine signs the hearing's id, so the addresses that it opens contain one.
    """

    @csrf_exempt
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, hearing: str = "", **ids: UUID) -> HttpResponseBase:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            given = passes.read(token, settings.MEDIA_ENGINE.secret)
        except passes.InvalidPass as bad:
            return JsonResponse(bad.data(), status=401)
        if given.use != "service" or given.hearing != hearing:
            detail = "This address is for the media engine."
            return JsonResponse({"code": "engine_only", "detail": detail}, status=403)
        return view(request, UUID(hex=hearing), **ids) if hearing else view(request, **ids)

    return guarded
