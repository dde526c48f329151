"""Addresses of the public's pages, live and on demand."""

from django.urls import path

from hemicycle.meeting.webcast import views, watch

app_name = "webcast"
urlpatterns = [
    path("h/<slug:slug>/live/", views.live, name="live"),
    path("h/<slug:slug>/live/<uuid:meeting>/", views.chronicle_part, name="chronicle"),
    path("h/<slug:slug>/watch/<uuid:meeting>/", watch.watch, name="watch"),
    path("embed/<slug:slug>/", watch.embed, name="embed-live"),
    path("embed/<slug:slug>/<uuid:meeting>/", watch.embed, name="embed"),
]
