"""Addresses of the public's pages, live and on demand, and of the captioner's console."""

from django.urls import path

from hemicycle.webcast import captioner, views, watch

app_name = "webcast"
urlpatterns = [
    path("h/<slug:slug>/live/", views.live, name="live"),
    path("h/<slug:slug>/live/<uuid:meeting>/", views.told, name="told"),
    path("h/<slug:slug>/watch/<uuid:meeting>/", watch.watch, name="watch"),
    path("embed/<slug:slug>/", watch.embed, name="embed-live"),
    path("embed/<slug:slug>/<uuid:meeting>/", watch.embed, name="embed"),
    path("h/<slug:slug>/captioner/", captioner.door, name="captioner-door"),
    path("h/<slug:slug>/captioner/<slug:language>/", captioner.console, name="captioner"),
    path(
        "h/<slug:slug>/captioner/<slug:language>/text/", captioner.statement, name="captioner-text"
    ),
]
