"""Addresses of choices: one's own, and the office's."""

from django.urls import path

from hemicycle.before.on_air import views

app_name = "on_air"
urlpatterns = [
    path("my/<secret:secret>/on-air/", views.by_link, name="personal"),
    path("h/<slug:slug>/my-seat/on-air/", views.of_seat, name="seat"),
    path(
        "office/<slug:slug>/registrations/<uuid:pk>/on-air/",
        views.of_registration,
        name="registration",
    ),
    path("office/<slug:slug>/seats/<uuid:pk>/on-air/", views.of_member, name="member"),
]
