"""Addresses of the archive."""

from django.urls import path

from hemicycle.outcome.archive import views

app_name = "archive"
urlpatterns = [
    path("h/<slug:slug>/archive.zip", views.public_zip, name="public-zip"),
    path("office/<slug:slug>/archive/", views.office, name="office"),
    path("office/<slug:slug>/archive/build/", views.build, name="build"),
    path("office/<slug:slug>/summary/archive.zip", views.office_zip, name="office-zip"),
]
