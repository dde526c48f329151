"""The description is valid, whole, and true."""

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
    assert [str(each) for each in OpenAPIV31SpecValidator(describe()).iter_errors()] == []


def test_no_route_is_undescribed_and_none_described_is_missing() -> None:
    routes = {
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(each.pattern))
        for each in urls.urlpatterns
        if str(each.pattern).startswith("api/")
    }
    beside = {"/api/", "/api/openapi.json", "/api/{rest}"}
    assert routes - beside == set(describe()["paths"])


def test_each_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    operations = [each for route in ROUTES.values() for each in route.operations.values()]
    assert len({each.name for each in operations}) == len(operations)
    assert [each.name for each in operations if not (each.summary and each.handler.__doc__)] == []
    assert {each.scope for each in operations if each.scope} == set(Scope)


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
