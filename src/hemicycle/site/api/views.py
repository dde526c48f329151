"""The description of the API: as OpenAPI for programs, and as a page for people."""

from itertools import zip_longest
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import override
from django.views.decorators.http import require_safe

from hemicycle.site.api.description import ABOUT, BASE, WEBHOOK, describe
from hemicycle.site.api.models import Scope
from hemicycle.site.api.problems import KINDS
from hemicycle.ui.revalidation import revalidated


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """Return the description as OpenAPI 3.1."""
    response = JsonResponse(describe(), json_dumps_params={"ensure_ascii": False})
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
@revalidated
def page(request: HttpRequest) -> HttpResponse:
    """Show the description as a page; the texts of operations are in English."""
    made = describe()
    with override("en"):
        problems = [(kind, status, str(title)) for kind, (status, title) in KINDS.items()]
        scopes = [(scope.value, str(scope.label)) for scope in Scope]
    context = {
        "about": [_marked(paragraph) for paragraph in ABOUT.split("\n\n")],
        "webhook": _marked(WEBHOOK),
        "groups": _groups(made),
        "shapes": _shapes(made["components"]["schemas"]),
        "problems": problems,
        "scopes": scopes,
        "base": made["servers"][0]["url"] + BASE,
        "description_url": reverse("api:description"),
    }
    return render(request, "api/page.html", context)


def _groups(made: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in made["tags"]}
    for path, item in made["paths"].items():
        for method in ("get", "post"):
            if method in item:
                found[item[method]["tags"][0]].append(_line(method, path, item[method]))
    return list(found.items())


def _line(method: str, path: str, said: dict[str, Any]) -> dict[str, Any]:
    answer = said["responses"]["200"]["content"].get("application/json")
    body = said.get("requestBody", {}).get("content", {})
    return {
        "id": said["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": said["summary"],
        "says": _marked(said["description"]),
        "parameters": [
            {"name": parameter["name"], "says": _marked(parameter["description"])}
            for parameter in said.get("parameters", ())
            if parameter["in"] == "query"
        ],
        "takes": _name(body.get("application/json")),
        "takes_files": [kind for kind in body if kind != "application/json"],
        "gives": _name(answer),
        "gives_files": [
            kind for kind in said["responses"]["200"]["content"] if kind != "application/json"
        ],
        "statuses": list(said["responses"]),
    }


def _marked(text: str) -> SafeString:
    """Return text as HTML in which words between back-ticks are marked as code."""
    pieces = text.split("`")
    return format_html_join(
        "", "{}{}", ((words, _code(code)) for words, code in zip_longest(pieces[::2], pieces[1::2]))
    )


def _code(text: str | None) -> SafeString:
    return format_html("<code>{}</code>", text) if text else SafeString("")


def _name(content: dict[str, Any] | None) -> str:
    return content["schema"]["$ref"].rpartition("/")[2] if content else ""


def _shapes(schemas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "says": _marked(schema.get("description", "")),
            "fields": [
                {"name": field, "type": _type(said), "says": said.get("description", "")}
                for field, said in schema.get("properties", {}).items()
            ],
        }
        for name, schema in sorted(schemas.items())
    ]


def _type(said: dict[str, Any]) -> list[tuple[str, str]]:
    """Return a field's type in pieces: words, each with the shape that it links to or ""."""
    if "$ref" in said:
        name = said["$ref"].rpartition("/")[2]
        return [(name, name)]
    if "anyOf" in said:
        pieces: list[tuple[str, str]] = []
        for alternative in said["anyOf"]:
            pieces += [(" or ", "")] * bool(pieces) + _type(alternative)
        return pieces
    if said.get("type") == "array":
        return [("list of ", ""), *_type(said.get("items", {}))]
    if "enum" in said:
        return [(" | ".join(f"“{choice}”" for choice in said["enum"]), "")]
    return [(said.get("format") or said.get("type") or "any", "")]
