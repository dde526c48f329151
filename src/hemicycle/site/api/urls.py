"""The API's addresses, its description, and the office's pages about tokens and webhooks."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from hemicycle.site.api import importing_office, serving, staff_views, views
from hemicycle.site.api.operations import ROUTES
from hemicycle.site.api.resources import office as _office  # importing registers routes
from hemicycle.site.api.resources import public as _public
from hemicycle.site.api.resources import tables as _tables

assert all((_office, _public, _tables))


class RestConverter(StringConverter):
    """Matches the rest of an address, including line breaks, which `path` does not match."""

    regex = r"[\s\S]+"


register_converter(RestConverter, "rest")

app_name = "api"
urlpatterns = [
    path("api/", views.page, name="page"),
    path("api/openapi.json", views.description, name="description"),
    *(
        path(f"api/v1/{route.path}", serving.view_of(route), name=f"v1-{route.name}")
        for route in ROUTES.values()
    ),
    path("api/<rest:rest>", serving.nothing, name="nothing"),
    path("office/<slug:slug>/api/", staff_views.index, name="office"),
    path("office/<slug:slug>/api/import/", importing_office.page, name="import"),
    path("office/<slug:slug>/api/tokens/<uuid:pk>/revoke/", staff_views.revoke, name="revoke"),
    path("office/<slug:slug>/api/webhooks/<uuid:pk>/", staff_views.webhook, name="webhook"),
    path("office/<slug:slug>/api/webhooks/<uuid:pk>/do/", staff_views.press, name="press"),
    path("office/<slug:slug>/api/deliveries/<uuid:pk>/again/", staff_views.again, name="again"),
]
