"""Addresses of the public's live page, and of the captioner's console."""

from django.urls import path

from hemicycle.webcast import captioner, views

app_name = "webcast"
urlpatterns = [
    path("h/<slug:slug>/live/", views.live, name="live"),
    path("h/<slug:slug>/live/<uuid:meeting>/", views.told, name="told"),
    path("h/<slug:slug>/captioner/", captioner.door, name="captioner-door"),
    path("h/<slug:slug>/captioner/<slug:language>/", captioner.console, name="captioner"),
    path(
        "h/<slug:slug>/captioner/<slug:language>/text/", captioner.statement, name="captioner-text"
    ),
]
