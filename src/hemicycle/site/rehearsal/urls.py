"""The office's page that removes the demonstration data."""

from django.urls import path

from hemicycle.site.rehearsal import views

app_name = "rehearsal"
urlpatterns = [path("office/<slug:slug>/remove/", views.remove, name="remove")]
