"""The description is valid, complete and true."""

from __future__ import annotations

import json
import re

from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from hemicycle.site.api import urls
from hemicycle.site.api.description import describe
from hemicycle.site.api.models import Scope
from hemicycle.site.api.operations import ROUTES


def test_the_description_is_valid_openapi() -> None:
    assert [str(error) for error in OpenAPIV31SpecValidator(describe()).iter_errors()] == []


def test_no_route_is_undescribed_and_none_described_is_missing() -> None:
    routes = {
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        for pattern in urls.urlpatterns
        if str(pattern.pattern).startswith("api/")
    }
    beside = {"/api/", "/api/openapi.json", "/api/{rest}"}
    assert routes - beside == set(describe()["paths"])


def test_each_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    operations = [operation for route in ROUTES.values() for operation in route.operations.values()]
    assert len({operation.name for operation in operations}) == len(operations)
    assert [
        operation.name
        for operation in operations
        if not (operation.summary and operation.handler.__doc__)
    ] == []
    assert {operation.scope for operation in operations if operation.scope} == set(Scope)


def test_a_program_finds_it_at_its_address(db: None) -> None:
    answer = Client().get("/api/openapi.json")
    assert json.loads(answer.content) == describe()
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_people_read_it_on_a_page(db: None) -> None:
    page = Client().get("/api/").content.decode()
    paths = [path for path in describe()["paths"] if path not in page]
    shapes = [name for name in describe()["components"]["schemas"] if f"shape-{name}" not in page]
    assert (paths, shapes) == ([], [])
    ids = re.findall(r' id="([^"]+)"', page)
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(links) - set(ids) == set()
