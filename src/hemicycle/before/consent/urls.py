"""Addresses of consents: a participant's own, and the secretariat's."""

from django.urls import path

from hemicycle.before.consent import views

app_name = "consent"
urlpatterns = [
    path("my/<secret:secret>/consents/", views.page, name="own"),
    path("h/<slug:slug>/consents/", views.of_seat, name="seat"),
    path("office/<slug:slug>/consents/", views.office, name="office"),
]
