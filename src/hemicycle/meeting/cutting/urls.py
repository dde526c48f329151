"""Addresses for cuts: the secretariat's page, and those for the media engine."""

from django.urls import path

from hemicycle.engine import web_api
from hemicycle.meeting.cutting.views import engine, office

app_name = "cutting"
urlpatterns = [
    path("office/<slug:slug>/recordings/", office.page, name="office"),
    path(web_api.CUTS, engine.cuts, name="engine-cuts"),
    path(web_api.REMOVED, engine.removed, name="engine-removed"),
    path(web_api.CUT, engine.cut, name="engine-cut"),
]
