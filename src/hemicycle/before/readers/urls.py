"""Addresses of readers: where one is named, and the reader's own."""

from django.urls import path

from hemicycle.before.readers import views

app_name = "readers"
urlpatterns = [
    path("my/<secret:secret>/reader/", views.by_link, name="personal"),
    path("h/<slug:slug>/my-seat/reader/", views.of_seat, name="seat"),
    path(
        "office/<slug:slug>/registrations/<uuid:pk>/reader/",
        views.of_registration,
        name="registration",
    ),
    path("office/<slug:slug>/seats/<uuid:pk>/reader/", views.of_member, name="member"),
    path("read/<secret:secret>/", views.reader, name="reader"),
]
