"""Addresses of training sessions: the secretariat's, and a participant's own."""

from django.urls import path

from hemicycle.training import office, views

app_name = "training"
urlpatterns = [
    path("office/<slug:slug>/training/", office.index, name="office"),
    path("office/<slug:slug>/training/<uuid:pk>/", office.detail, name="detail"),
    path("office/<slug:slug>/training/<uuid:pk>/cancel/", office.cancel, name="cancel"),
    path("office/<slug:slug>/training/<uuid:pk>/attendance/", office.mark, name="mark"),
    path("office/<slug:slug>/training.csv", office.as_csv, name="csv"),
    path("office/<slug:slug>/training.xlsx", office.as_xlsx, name="xlsx"),
    path("my/<str:secret>/training/<uuid:pk>/", views.session, name="session"),
    path("my/<str:secret>/training/<uuid:pk>/sign-up/", views.sign_up, name="sign-up"),
    path("my/<str:secret>/training/<uuid:pk>/sign-off/", views.sign_off, name="sign-off"),
    path("my/<str:secret>/training/<uuid:pk>/come-in/", views.come_in, name="come-in"),
    path("my/<str:secret>/training/<uuid:pk>/calendar.ics", views.calendar, name="calendar"),
]
