"""Addresses of the captioner's console."""

from django.urls import path

from hemicycle.meeting.captions import views

app_name = "captions"
urlpatterns = [
    path("h/<slug:slug>/captioner/", views.door, name="door"),
    path("h/<slug:slug>/captioner/<slug:language>/", views.console, name="console"),
    path("h/<slug:slug>/captioner/<slug:language>/text/", views.statement, name="text"),
]
