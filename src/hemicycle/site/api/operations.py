"""The operations of the API: each declares its input and output once.

    @operation("GET", "hearings/<slug:slug>", name="hearing", answer=shapes.HearingOut, ...)
    def hearing(call: Call) -> shapes.HearingOut: ...

`serving` checks and answers requests by this declaration, and `description` publishes it as
OpenAPI, so the two cannot diverge.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Actor
from hemicycle.site.api.models import Scope, Token


@dataclass(slots=True)
class Call:
    """One checked request: the caller, the hearing, the query and the body."""

    request: HttpRequest
    ids: dict[str, Any]
    query: Any = None
    body: Any = None
    token: Token | None = None
    found: Hearing | None = None

    @property
    def hearing(self) -> Hearing:
        """The hearing that the address names."""
        assert self.found is not None, "this operation is about no hearing"
        return self.found

    @property
    def caller(self) -> Token:
        """The token of the request, for an operation that requires one."""
        assert self.token is not None, "this operation is open to all"
        return self.token

    @property
    def actor(self) -> Actor:
        """The token's owner as the actor, in the role of the secretariat."""
        return Actor(self.caller.owner_id.hex, "secretariat")


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file in a request or an answer: its media types, each with a description."""

    media_types: tuple[str, ...]


Handler = Callable[[Call], BaseModel | HttpResponse]


@dataclass(frozen=True)
class Operation:
    """The input and output of one method at one address."""

    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    answer: type[BaseModel] | FileContent
    tag: str
    scope: Scope | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | FileContent | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    notes: str = ""

    @property
    def is_public(self) -> bool:
        """Whether no token is needed."""
        return self.scope is None

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every error status with which the operation may answer."""
        own = {*self.problems, 429}
        if "<" in self.path:
            own.add(404)
        if not self.is_public:
            own |= {401, 403}
        if self.query is not None:
            own.add(422)
        if self.body is not None:
            own |= {400, 413, 415, 422}
        return tuple(sorted(own))


@dataclass
class ApiRoute:
    """One address and its operations by method."""

    path: str
    name: str
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def methods(self) -> list[str]:
        """The allowed methods."""
        known = set(self.operations) | {"OPTIONS"}
        return sorted(known | {"HEAD"} if "GET" in known else known)

    @property
    def is_public(self) -> bool:
        """Whether no operation needs a token: scripts of other sites may then read the answers."""
        return all(operation.is_public for operation in self.operations.values())


ROUTES: dict[str, ApiRoute] = {}
"""Every address below `/api/v1/`, by its path."""


def operation[H: Callable[[Call], Any]](
    method: str, path: str, *, name: str, **said: Any
) -> Callable[[H], H]:
    """Register the decorated function as an operation; raise ValueError if it exists already."""

    def add(handler: H) -> H:
        route = ROUTES.setdefault(path, ApiRoute(path, name))
        made = Operation(method, path, name, handler=cast("Handler", handler), **said)
        if method in route.operations:
            raise ValueError(f"{method} {path} is there already")
        route.operations[method] = made
        return handler

    return add
