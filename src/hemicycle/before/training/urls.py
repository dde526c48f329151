"""Addresses of training sessions: the secretariat's, and a participant's own."""

from django.urls import path

from hemicycle.before.training import staff_views, views

app_name = "training"
urlpatterns = [
    path("office/<slug:slug>/training/", staff_views.index, name="office"),
    path("office/<slug:slug>/training/<uuid:pk>/", staff_views.detail, name="detail"),
    path("office/<slug:slug>/training/<uuid:pk>/cancel/", staff_views.cancel, name="cancel"),
    path("office/<slug:slug>/training/<uuid:pk>/room/", staff_views.preside, name="preside"),
    path("office/<slug:slug>/training/<uuid:pk>/attendance/", staff_views.mark, name="mark"),
    path("office/<slug:slug>/training.csv", staff_views.export, {"kind": "csv"}, name="csv"),
    path("office/<slug:slug>/training.xlsx", staff_views.export, {"kind": "xlsx"}, name="xlsx"),
    path("my/<secret:secret>/training/<uuid:pk>/", views.session, name="session"),
    path("my/<secret:secret>/training/<uuid:pk>/sign-up/", views.sign_up, name="sign-up"),
    path("my/<secret:secret>/training/<uuid:pk>/sign-off/", views.sign_off, name="sign-off"),
    path("my/<secret:secret>/training/<uuid:pk>/come-in/", views.come_in, name="come-in"),
    path("my/<secret:secret>/training/<uuid:pk>/calendar.ics", views.calendar, name="calendar"),
]
