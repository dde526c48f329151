"""Addresses of the live rooms."""

from django.urls import path

from hemicycle.engine import web_api
from hemicycle.meeting.room import (
    engine,
    floor_views,
    pass_views,
    practice_views,
    seat_views,
    technician_views,
    views,
)

app_name = "room"
urlpatterns = [
    path("h/<slug:slug>/console/", views.console_page, name="console"),
    path("h/<slug:slug>/console/<uuid:meeting>/", views.console_page, name="console-of"),
    path("h/<slug:slug>/console/<uuid:meeting>/panes/", views.console_panes, name="panes"),
    path("h/<slug:slug>/console/<uuid:meeting>/press/", views.press, name="press"),
    path("h/<slug:slug>/console/<uuid:meeting>/move/<str:slot>/", views.move_form, name="move"),
    path(
        "h/<slug:slug>/console/<uuid:meeting>/remove/<str:person>/",
        views.remove_form,
        name="remove",
    ),
    path("h/<slug:slug>/seat/", seat_views.by_name, name="own-seat"),
    path("h/<slug:slug>/seat/<str:secret>/", seat_views.by_link, name="seat"),
    path("h/<slug:slug>/pass/", pass_views.by_name, name="own-pass"),
    path("h/<slug:slug>/seat/<str:secret>/pass/", pass_views.by_link, name="pass"),
    path("h/<slug:slug>/practice/", practice_views.by_name, name="own-practice"),
    path("my/<str:secret>/practice/", practice_views.by_link, name="practice"),
    path("h/<slug:slug>/hall/", views.hall, name="hall"),
    path("h/<slug:slug>/beat/", views.beat, name="beat"),
    path("h/<slug:slug>/technician/", technician_views.page, name="technician"),
    path("h/<slug:slug>/technician/engine/", technician_views.engine, name="engine-health"),
    path("h/<slug:slug>/diagnostics/", views.diagnostics, name="diagnostics"),
    path("office/<slug:slug>/floor/", floor_views.page, name="floor"),
    path(
        "office/<slug:slug>/floor/<uuid:pk>/remove/", floor_views.remove, name="broadcaster-remove"
    ),
    path(web_api.HEARINGS, engine.hearings, name="engine-hearings"),
    path(web_api.HEARING, engine.about, name="engine-about"),
    path(web_api.FACTS, engine.facts, name="engine-facts"),
]
