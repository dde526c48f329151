"""The hearings, and a hearing's public pages and office."""

from django.urls import path

from hemicycle.hearings import views

app_name = "hearings"
urlpatterns = [
    path("", views.index, name="index"),
    path("h/<slug:slug>/", views.page, name="page"),
    path("h/<slug:slug>/calendar.ics", views.calendar_file, name="calendar"),
]
