"""The OpenAPI 3.1 description, generated from the operations."""

import re
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import override
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hemicycle.site.api import limits
from hemicycle.site.api.models import Scope
from hemicycle.site.api.operations import ROUTES, ApiRoute, FileContent, Operation
from hemicycle.site.api.problems import KINDS, MEDIA_TYPE, kind_of
from hemicycle.site.api.resources.base import REF, published, schema_name
from hemicycle.site.api.serving import JSON

VERSION = "1.0.0"
BASE = "/api/v1/"
_PARAMETER = re.compile(r"<(\w+):(\w+)>")
_CONVERTERS: dict[str, dict[str, Any]] = {
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    "uuid": {"type": "string", "format": "uuid"},
}
ABOUT = f"""Everyone can read what a hearing publishes, also scripts of any site. What the
secretariat sees needs a token. The secretariat creates it in its office, for one hearing and with
some of the scopes. Send it as `Authorization: Bearer …`. Everything that is done with a token is
recorded in the name of the person who created it.

Times are in UTC (RFC 3339). Lists come in pages: `next` is the cursor of the next page, which the
header `Link` has too. Answers carry an `ETag`: with `If-None-Match`, an answer that has not changed
is empty (304). Errors follow RFC 9457 and say in a sentence what is wrong. A token may make
{limits.FOR_TOKEN} requests a minute, an address without a token {limits.FOR_ADDRESS}; `RateLimit`
gives the number that is left.

The hearing's own texts come in the language of `Accept-Language` if they exist in it, else in the
hearing's `original_language`.

Within version 1, fields and addresses are added, and none is changed or removed."""
WEBHOOK = """Sent to each webhook of the hearing, for each entry of its record, signed as Standard
Webhooks requires: HMAC-SHA-256 over `id.timestamp.body` with the secret that the office shows.
Answer with any status of 200-299 within 10 seconds. Otherwise the message is sent again, at growing
intervals, for four days. The same `webhook-id` may come twice."""
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "says"],
                "properties": {"where": {"type": "string"}, "says": {"type": "string"}},
            },
        },
    },
}
HEADERS = {
    "ETag": "Changes with the answer.",
    "Link": 'The next page, as rel="next", where there is one.',
    "RateLimit": 'What is left in this minute, such as "requests";r=599;t=42.',
    "RateLimit-Policy": 'How much is allowed, such as "requests";q=600;w=60.',
    "Retry-After": "In how many seconds to ask again.",
}


def describe() -> dict[str, Any]:
    """Return the description of this installation's API."""
    with override("en"):
        made = _described()
    return {**made, "servers": [{"url": settings.BASE_URL}]}


@cache
def _described() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hemicycle",
            "version": VERSION,
            "summary": "Public hearings, from the letter that convenes them to the summary.",
            "description": ABOUT,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "tags": [{"name": name} for name in ("Open to all", "With a token")],
        "paths": {_path(route.path): _item(route) for route in ROUTES.values()},
        "webhooks": {"entry": {"post": _webhook()}},
        "components": {
            "schemas": {**_schemas(), "Problem": PROBLEM},
            "headers": {
                name: {"description": says, "schema": {"type": "string"}}
                for name, says in HEADERS.items()
            },
            "responses": {kind: _problem(kind) for kind in KINDS},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: "
                    + "; ".join(f"`{scope.value}`: {scope.label}" for scope in Scope),
                }
            },
        },
    }


def _path(path: str) -> str:
    return BASE + _PARAMETER.sub(r"{\2}", path)


def _models() -> list[type[BaseModel]]:
    from hemicycle.site.api.webhooks.payload import EntryEventOut

    shapes = [
        operation.answer for route in ROUTES.values() for operation in route.operations.values()
    ]
    return list(
        dict.fromkeys([shape for shape in shapes if isinstance(shape, type)] + [EntryEventOut])
    )


def _bodies() -> list[type[BaseModel]]:
    shapes = [
        operation.body for route in ROUTES.values() for operation in route.operations.values()
    ]
    return [shape for shape in shapes if isinstance(shape, type)]


def _schemas() -> dict[str, Any]:
    _given, schema = models_json_schema(
        [(shape, "serialization") for shape in _models()]
        + [(shape, "validation") for shape in _bodies()],
        ref_template=REF,
    )
    return published(schema["$defs"])


def _item(route: ApiRoute) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _CONVERTERS[kind]}
        for kind, name in _PARAMETER.findall(route.path)
    ]
    operations = {
        operation.method.lower(): _operation(operation) for operation in route.operations.values()
    }
    return {**({"parameters": parameters} if parameters else {}), **operations}


def _operation(operation: Operation) -> dict[str, Any]:
    notes = f"{(operation.handler.__doc__ or '').strip()} {operation.notes}".strip()
    made: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": notes + (f" Scope: `{operation.scope.value}`." if operation.scope else ""),
        "tags": [operation.tag],
        "security": [] if operation.is_public else [{"token": []}],
        "responses": _responses(operation),
    }
    parameters = _query(operation.query) if operation.query else []
    if _has_etag(operation):
        says = "An ETag; the answer is 304 where it still holds."
        parameters.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "description": says,
                "schema": {"type": "string"},
            }
        )
    if parameters:
        made["parameters"] = parameters
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": _content(operation.body)}
    return made


def _has_etag(operation: Operation) -> bool:
    return operation.method == "GET" and not isinstance(operation.answer, FileContent)


def _query(shape: type[BaseModel]) -> list[dict[str, Any]]:
    schema = shape.model_json_schema(ref_template=REF)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": said.get("description", ""),
            "schema": {
                key: value for key, value in said.items() if key not in {"description", "title"}
            },
        }
        for name, said in schema["properties"].items()
    ]


def _content(shape: type[BaseModel] | FileContent) -> dict[str, Any]:
    if isinstance(shape, FileContent):
        return {media_type.partition(";")[0]: {} for media_type in shape.media_types}
    return {JSON: {"schema": {"$ref": REF.format(model=schema_name(shape))}}}


def _responses(operation: Operation) -> dict[str, Any]:
    headers = ["RateLimit", "RateLimit-Policy"]
    if _has_etag(operation):
        headers += ["ETag"]
    if isinstance(operation.answer, type) and "next" in operation.answer.model_fields:
        headers += ["Link"]
    made: dict[str, Any] = {
        str(operation.status): {
            "description": (operation.answer.__doc__ or "").strip()
            if isinstance(operation.answer, type)
            else "The table.",
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
            "content": _content(operation.answer),
        }
    }
    if _has_etag(operation):
        made["304"] = {"description": "Nothing has changed."}
    for status in operation.statuses:
        made[str(status)] = {"$ref": f"#/components/responses/{kind_of(status)}"}
    return made


def _problem(kind: str) -> dict[str, Any]:
    headers = ["RateLimit", "RateLimit-Policy"] + ["Retry-After"] * (kind == "too-many")
    return {
        "description": str(KINDS[kind][1]) + ".",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}},
    }


def _webhook() -> dict[str, Any]:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {
        "operationId": "told",
        "summary": "An entry of the record",
        "description": WEBHOOK,
        "parameters": [
            {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
            for name in names
        ],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": {"$ref": REF.format(model="Told")}}},
        },
        "responses": {"2XX": {"description": "Accepted."}, "410": {"description": "Never again."}},
    }
