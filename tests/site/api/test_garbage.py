"""Every answer of an operation, to any request, is one that its description names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.site.api.models import Scope
from tests.site.api.support import check, description, program
from tests.support.examples import examples

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.slow

ODD = (
    *("", "0", "-1", "9" * 19, "9" * 4000, "1e9", "true", "null", "\0", "a\0b", "\ud800", "١", "é"),
    *("../..", "%00", "{}", "[]", "'; --", "<script>", "accepted", "refused", "csv", "xlsx", "MTA"),
    *("LTE", "=", "====", "member-states", "stakeholders", "00000000-0000-0000-0000-000000000000"),
)
odd = st.one_of(st.sampled_from(ODD), st.text(max_size=30))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), odd)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd, inner, max_size=3),
    max_leaves=8,
)
EACH = examples(13)
MEDIA = ("application/json", "text/csv", "text/plain", "", "multipart/form-data; boundary=x")


def _operations() -> list[tuple[str, str]]:
    return [
        (method, path)
        for path, item in description()["paths"].items()
        for method in ("get", "post")
        if method in item
    ]


def _query(operation: tuple[str, str]) -> st.SearchStrategy[dict[str, str]]:
    method, path = operation
    known = [
        parameter["name"]
        for parameter in description()["paths"][path][method].get("parameters", ())
    ]
    return st.dictionaries(st.sampled_from([*known, "other"]), odd, max_size=3)


def _body(operation: tuple[str, str]) -> st.SearchStrategy[bytes]:
    method, path = operation
    said = description()["paths"][path][method].get("requestBody", {}).get("content", {})
    fields: list[str] = []
    for content in said.values():
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        fields += description()["components"]["schemas"].get(name, {}).get("properties", {})
    objects = st.dictionaries(st.sampled_from([*fields, "other"]), values, max_size=5)
    return st.one_of(st.binary(max_size=80), objects.map(_spelled), values.map(_spelled))


def _spelled(data: Any) -> bytes:
    return json.dumps(data).encode()


@pytest.mark.parametrize("with_token", [True, False])
def test_every_operation_answers_as_described(world: World, with_token: bool) -> None:
    row = world.ngo("Open Doors", 0, question="Who pays?")
    caller = program(world, *(Scope if with_token else ()))
    client = Client(raise_request_exception=False)
    headers = {"authorization": f"Bearer {caller.secret}"} if with_token else {}
    seen: set[tuple[str, str, int]] = set()

    def ask(
        operation: tuple[str, str], query: dict[str, str], body: bytes, media_type: str
    ) -> None:
        method, template = operation
        path = template.replace("{slug}", world.hearing.slug).replace("{pk}", str(row.pk))
        spelled = "&".join(
            f"{key}={quote(value, errors='surrogatepass')}" for key, value in query.items()
        )
        cache.clear()
        with transaction.atomic():
            sent = {"data": body, "content_type": media_type} if method == "post" else {}
            answer = getattr(client, method)(f"{path}?{spelled}", headers=headers, **sent)
            transaction.set_rollback(True)
        check(method, answer)
        seen.add((method, template, answer.status_code))

    for operation in _operations():
        garbled = given(
            st.just(operation), _query(operation), _body(operation), st.sampled_from(MEDIA)
        )
        EACH(garbled(ask))()
    assert {status for _method, _path, status in seen} >= ({200, 422} if with_token else {200, 401})


def test_what_is_not_described_is_not_there(db: None) -> None:
    for path in ("v1", "v1/", "v2/hearings", "v1/hearings/", "v1/tokens", "openapi.yaml", "\0"):
        for method in ("get", "post", "put", "delete", "patch"):
            answer = getattr(Client(), method)(f"/api/{quote(path)}")
            said = json.loads(answer.content)
            assert (answer.status_code, said["status"]) == (404, 404)
            assert re.search(r"/api/#problem-not-found$", said["type"])
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_another_method_is_told_which_there_are(world: World) -> None:
    path = f"/api/v1/hearings/{world.hearing.slug}"
    for method in ("post", "put", "delete", "patch"):
        answer = getattr(Client(), method)(path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    head = Client().head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("rest", ["%0A", "a%0Ab", "%0D", "%E2%80%A8", "%00", "a%2Fb", ".."])
def test_an_odd_address_gets_an_answer_of_the_api(db: None, rest: str) -> None:
    answer = Client().get(f"/api/v1/hearings/x/statements/{rest}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
