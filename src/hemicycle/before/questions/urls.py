"""Questions: the office's triage, and a participant's own."""

from django.urls import path

from hemicycle.before.questions import views

app_name = "questions"
urlpatterns = [
    path("office/<slug:slug>/questions/", views.index, name="office"),
    path("office/<slug:slug>/questions/many/", views.bulk, name="bulk"),
    path("office/<slug:slug>/questions/first/", views.first, name="first"),
    path("office/<slug:slug>/questions/<uuid:pk>/", views.triage, name="triage"),
    path("office/<slug:slug>/questions.csv", views.export, {"kind": "csv"}, name="csv"),
    path("office/<slug:slug>/questions.xlsx", views.export, {"kind": "xlsx"}, name="xlsx"),
    path("my/<secret:secret>/questions/", views.own, name="own"),
]
