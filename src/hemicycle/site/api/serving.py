"""Serves a request as its operation declares: token, limits, input, and conditions.

The API ignores session cookies, so no other site can make a browser act here, and protection
against cross-site request forgery is not needed.
"""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ValidationError

from hemicycle.hearing.people.access import roles_in, standing_in
from hemicycle.hearing.people.limits import network_of
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.site.api import limits
from hemicycle.site.api.models import NEEDS, Scope, Token
from hemicycle.site.api.operations import ApiRoute, Call, FileContent, Operation
from hemicycle.site.api.problems import ApiProblem
from hemicycle.ui.languages import listed
from hemicycle.ui.uploads import open_if, takes_files

JSON = "application/json"
MOST_BODY = 256 * 1024
MOST_FILE = 5 * 1024 * 1024
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
SEEN_EVERY = timedelta(minutes=1)


def view_of(route: ApiRoute) -> Callable[..., HttpResponseBase]:
    """Return the view that serves an address."""

    @takes_files(MOST_FILE)
    @open_if(_may_send)
    @csrf_exempt
    def view(request: HttpRequest, **ids: Any) -> HttpResponseBase:
        headers: dict[str, str] = {}
        try:
            response = _serve(route, request, ids, headers)
        except ApiProblem as problem:
            response = problem.response()
        for name, value in headers.items():
            response.headers[name] = value
        if route.is_public:
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = EXPOSED
        return response

    return view


def _may_send(request: HttpRequest, **ids: object) -> bool:
    """Whether to read a long body: only a request with a known token may send one."""
    return _token(request) is not None


def _serve(
    route: ApiRoute, request: HttpRequest, ids: dict[str, Any], headers: dict[str, str]
) -> HttpResponse:
    if request.method == "OPTIONS":
        return _options(route)
    method = "GET" if request.method == "HEAD" else str(request.method)
    operation = route.operations.get(method)
    token = _token(request)
    headers.update(_count(request, token))
    if operation is None:
        allowed = ", ".join(route.methods)
        says = _("This address answers to %(methods)s only.") % {"methods": allowed}
        raise ApiProblem("wrong-method", says, headers={"Allow": allowed})
    call = Call(request, ids, token=token if not operation.is_public else None)
    _let_in(operation, call)
    if operation.query is not None:
        call.query = _read_query(operation.query, request)
    if operation.body is not None:
        call.body = _read_body(operation.body, request)
    return _answer(operation, call)


def _options(route: ApiRoute) -> HttpResponse:
    response = HttpResponse(status=204)
    response.headers["Allow"] = ", ".join(route.methods)
    if route.is_public:
        response.headers["Access-Control-Allow-Methods"] = ", ".join(route.methods)
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _token(request: HttpRequest) -> Token | None:
    """Return the token that the request carries, valid or not; None if it is missing or unknown."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        return None
    related = Token.objects.select_related("owner", "hearing")
    return related.filter(secret_hash=hash_secret(secret.strip())).first()


def _count(request: HttpRequest, token: Token | None) -> dict[str, str]:
    if token is not None:
        left = limits.count(request, token.pk.hex, limits.FOR_TOKEN)
    else:
        left = limits.count(request, network_of(request), limits.FOR_ADDRESS)
    if left.is_spent:
        says = _("More than %(most)d requests in a minute. Try again in %(wait)d seconds.")
        values = {"most": left.most, "wait": left.reset_s}
        raise ApiProblem("too-many", says % values, headers=left.headers())
    return left.headers()


def _let_in(operation: Operation, call: Call) -> None:
    """Find the hearing, and check that the token permits the operation."""
    slug = call.ids.pop("slug", None)
    if operation.is_public:
        if slug is not None:
            seen = Hearing.objects.exclude(status=Hearing.Status.DRAFT)
            call.found = seen.filter(slug=slug).first()
            _there(call.found)
        return
    token = call.token
    _check(token)
    assert token is not None
    assert operation.scope is not None  # public operations returned above
    if token.hearing.slug != slug:
        raise ApiProblem("not-found", _("This token gives no access to a hearing at this address."))
    if operation.scope not in token.scopes:
        says = _("This request needs a token with the permission: %(scope)s.")
        raise ApiProblem("not-allowed", says % {"scope": operation.scope})
    _check_duties(token, operation.scope)
    call.found = token.hearing
    _note_use(token)


def _there(hearing: Hearing | None) -> None:
    if hearing is None:
        raise ApiProblem("not-found", _("No hearing is published at this address."))


def _check(token: Token | None) -> None:
    """Refuse a missing, expired or revoked token, and the token of an owner who has left."""
    problem = ""
    if token is None:
        problem = _(
            "Send a token in the header “Authorization: Bearer …”. The secretariat creates tokens."
        )
    elif token.revoked_at is not None:
        problem = _("This token has been revoked. Ask the secretariat for a new one.")
    elif token.expires_at <= clock.now():
        problem = _("This token has expired. Ask the secretariat for a new one.")
    elif not token.owner.is_active or Role.SECRETARIAT not in roles_in(
        token.owner, token.hearing_id
    ):
        problem = _("The person who created this token no longer works for the hearing.")
    if problem:
        raise ApiProblem(
            "no-token", problem, headers={"WWW-Authenticate": 'Bearer realm="hemicycle"'}
        )


def _check_duties(token: Token, scope: Scope) -> None:
    """Refuse an operation for which the token's owner no longer has the duties."""
    lacking = frozenset(NEEDS[scope]) - standing_in(token.owner, token.hearing_id).duties
    if lacking:
        says = _("The person who created this token no longer has the duty: %(duties)s.")
        labels = listed(str(duty.label) for duty in Duty if duty in lacking)
        raise ApiProblem("not-allowed", says % {"duties": labels})


def _note_use(token: Token) -> None:
    """Store when the token was last used, once a minute: not every request may cause a write."""
    now = clock.now()
    if token.last_used_at is None or now - token.last_used_at >= SEEN_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


def _read_query(shape: type[BaseModel], request: HttpRequest) -> BaseModel:
    try:
        return shape.model_validate(request.GET.dict())
    except TooManyFieldsSent:
        raise ApiProblem("invalid", _("The query has too many parts.")) from None
    except ValidationError as error:
        raise _invalid(error, _("The query is not valid.")) from None


def _read_body(shape: type[BaseModel] | FileContent, request: HttpRequest) -> Any:
    is_file = isinstance(shape, FileContent)
    wanted = shape.media_types if isinstance(shape, FileContent) else (JSON,)
    if request.content_type not in wanted:
        says = _("Send this as %(types)s.") % {"types": ", ".join(wanted)}
        raise ApiProblem("wrong-media-type", says)
    body = _bytes(request, MOST_FILE if is_file else MOST_BODY)
    if isinstance(shape, FileContent):
        return body
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        if any(fault["type"] == "json_invalid" for fault in error.errors()):
            raise ApiProblem("malformed", _("The body is not JSON.")) from None
        raise _invalid(error, _("The body is not valid.")) from None


def _bytes(request: HttpRequest, most: int) -> bytes:
    """Return the body, of which at most one byte more than `most` is read."""
    try:
        body = request.read(most + 1)
    except (RequestDataTooBig, UnreadablePostError):
        raise ApiProblem("malformed", _("The body is incomplete.")) from None
    told = request.META.get("CONTENT_LENGTH", "")
    # A longer body is not read at all.
    if len(body) > most or (told.isdigit() and int(told) > most):
        says = _("At most %(most)d KB can be sent here.") % {"most": most // 1024}
        raise ApiProblem("too-large", says)
    return body


def _invalid(error: ValidationError, detail: str) -> ApiProblem:
    errors = [
        {"where": ".".join(map(str, fault["loc"])), "says": fault["msg"]}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return ApiProblem("invalid", detail, errors=errors)


def _answer(operation: Operation, call: Call) -> HttpResponse:
    try:
        made = operation.handler(call)
    except Http404:
        raise ApiProblem("not-found", _("There is nothing at this address.")) from None
    if isinstance(made, HttpResponse):
        response = made
    else:
        response = HttpResponse(made.model_dump_json(), JSON, operation.status)
        _link_next(call.request, response, getattr(made, "next", None))
    response.headers["Cache-Control"] = (
        "public, no-cache" if operation.is_public else "private, no-store"
    )
    if operation.method != "GET" or isinstance(operation.answer, FileContent):
        return response
    etag = quote_etag(sha256(response.content).hexdigest()[:32])
    response.headers["ETag"] = etag
    conditional = get_conditional_response(call.request, etag=etag, response=response)
    assert isinstance(conditional, HttpResponse)
    return conditional


def _link_next(request: HttpRequest, response: HttpResponse, cursor: str | None) -> None:
    if cursor:
        query = request.GET.copy()
        query["cursor"] = cursor
        response.headers["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'


@csrf_exempt
def nothing(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer every other address below `/api/` with the problem `not-found`."""
    says = _("There is nothing at this address. See /api/ for the addresses that exist.")
    return ApiProblem("not-found", says).response()
