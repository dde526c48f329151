"""The API as a program calls it, with a check of each answer against the API's description."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from hemicycle.site.api import actions
from hemicycle.site.api.description import describe
from hemicycle.site.api.models import Scope, Token

if TYPE_CHECKING:
    from django.http import HttpResponse

    from tests.support.lists import World

ROOT = "urn:description"


@dataclass
class Program:
    """A program with a token, or without one."""

    client: Client
    base: str
    secret: str = ""

    def ask(self, path: str, method: str = "get", **options: Any) -> HttpResponse:
        """Call an address below the hearing's, and check the answer against the description."""
        headers = {**({"authorization": f"Bearer {self.secret}"} if self.secret else {})}
        headers |= options.pop("headers", {})
        answer: HttpResponse = getattr(self.client, method)(
            f"{self.base}{path}", headers=headers, **options
        )
        check(method, answer)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """Return the decoded content at an address."""
        answer = self.ask(path, data=query)
        assert answer.status_code == 200, answer.content.decode()
        return json.loads(answer.content)

    def post(self, path: str, body: Any) -> HttpResponse:
        """Send JSON."""
        return self.ask(path, "post", data=json.dumps(body), content_type="application/json")

    def problem(self, path: str, **query: Any) -> tuple[int, str]:
        """Return the status and the sentence of the error at a path."""
        answer = self.ask(path, data=query)
        return answer.status_code, json.loads(answer.content)["detail"]


def program(world: World, *scopes: Scope, days: int = 30) -> Program:
    """Return a program with a token of the world's secretariat for `scopes`, if there are any."""
    base = f"/api/v1/hearings/{world.hearing.slug}"
    return Program(Client(), base, secret(world, *scopes, days=days)[1] if scopes else "")


def secret(world: World, *scopes: Scope, days: int = 30) -> tuple[Token, str]:
    """Make a token with the action, and return it with its secret."""
    return actions.make_token(
        hearing=world.hearing,
        owner=world.secretary,
        name="A program",
        scopes=list(scopes),
        days=days,
        actor=world.office,
    )


@cache
def description() -> dict[str, Any]:
    """Return the API's description, which is made once."""
    return describe()


def operation_of(path: str, method: str) -> dict[str, Any]:
    """Return the description of a call to `path`; paths without a parameter come first."""
    for template, item in sorted(description()["paths"].items(), key=lambda one: "{pk}" in one[0]):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and method in item:
            found: dict[str, Any] = item[method]
            return found
    raise AssertionError(f"{method} {path} is not described")


def check(method: str, answer: HttpResponse) -> None:
    """Fail unless status, headers, media type and body are those that are described."""
    path = answer.wsgi_request.path  # type: ignore[attr-defined]
    said = operation_of(path, method)["responses"].get(str(answer.status_code))
    assert said is not None, f"{method} {path} answered {answer.status_code}: {answer.content!r}"
    said = _resolved(said)
    for name in said.get("headers", {}):
        assert name in answer.headers or name == "Link", (path, name)
    if "content" not in said:
        assert answer.content == b""
        return
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type in said["content"], (path, media_type)
    schema = said["content"][media_type].get("schema")
    if schema is not None:
        validate(schema, json.loads(answer.content))


def _resolved(said: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in said:
        return said
    found: Any = description()
    for step in said["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def validate(schema: dict[str, Any], data: Any) -> None:
    """Check data against a schema of the description."""
    resource = Resource.from_contents(description(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(ROOT, resource)
    whole = {"$ref": ROOT + schema["$ref"]} if "$ref" in schema else schema
    validator = Draft202012Validator(whole, registry=registry, format_checker=FormatChecker())
    faults = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]
    assert faults == []
