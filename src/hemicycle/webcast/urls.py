"""Addresses of the public's live page."""

from django.urls import path

from hemicycle.webcast import views

app_name = "webcast"
urlpatterns = [
    path("h/<slug:slug>/live/", views.live, name="live"),
    path("h/<slug:slug>/live/<uuid:meeting>/", views.told, name="told"),
]
