"""What opens addresses to the media engine: a service pass that it signs, and no session."""

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
    """Open a view to the engine only: with a service pass for the hearing in the address, or for
    none.

    The engine signs the hearing's id, so an address that it opens contains one.
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
