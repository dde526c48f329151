"""Addresses of the live rooms."""

from django.urls import path

from hemicycle.engine import web_api
from hemicycle.meeting.room.views import (
    console,
    encoder,
    engine,
    feed,
    floor,
    passes,
    practice,
    screens,
    seat,
    technician,
)

app_name = "room"
urlpatterns = [
    path("h/<slug:slug>/console/", console.console_page, name="console"),
    path("h/<slug:slug>/console/<uuid:meeting>/", console.console_page, name="console-of"),
    path(
        "h/<slug:slug>/console/<uuid:meeting>/updates/",
        console.console_updates,
        name="console-updates",
    ),
    path("h/<slug:slug>/console/<uuid:meeting>/press/", console.press, name="press"),
    path("h/<slug:slug>/console/<uuid:meeting>/feed/", feed.press, name="feed"),
    path("h/<slug:slug>/console/<uuid:meeting>/move/<str:slot>/", console.move_form, name="move"),
    path("h/<slug:slug>/console/<uuid:meeting>/call/<str:slot>/", console.call_form, name="call"),
    path("h/<slug:slug>/console/<uuid:meeting>/walk-up/", console.walk_up, name="walk-up"),
    path(
        "h/<slug:slug>/console/<uuid:meeting>/remove/<str:person>/",
        console.remove_form,
        name="remove",
    ),
    path("h/<slug:slug>/whip/", encoder.whip, name="whip"),
    path("h/<slug:slug>/encoder/", encoder.by_name, name="own-encoder"),
    path("h/<slug:slug>/seat/<secret:secret>/encoder/", encoder.by_link, name="encoder"),
    path("h/<slug:slug>/seat/", seat.by_name, name="own-seat"),
    path("h/<slug:slug>/seat/<secret:secret>/", seat.by_link, name="seat"),
    path("h/<slug:slug>/pass/", passes.by_name, name="own-pass"),
    path("h/<slug:slug>/seat/<secret:secret>/pass/", passes.by_link, name="pass"),
    path("h/<slug:slug>/read/<secret:secret>/", seat.by_reader, name="reader-seat"),
    path("h/<slug:slug>/read/<secret:secret>/pass/", passes.by_reader, name="reader-pass"),
    path(
        "h/<slug:slug>/read/<secret:secret>/practice/", practice.by_reader, name="reader-practice"
    ),
    path("h/<slug:slug>/practice/", practice.by_name, name="own-practice"),
    path("my/<secret:secret>/practice/", practice.by_link, name="practice"),
    path("h/<slug:slug>/hall/", screens.hall, name="hall"),
    path("h/<slug:slug>/beat/", screens.beat, name="beat"),
    path("h/<slug:slug>/technician/", technician.page, name="technician"),
    path("h/<slug:slug>/technician/protect/", technician.protect, name="protect"),
    path("h/<slug:slug>/technician/act/", technician.act, name="technician-act"),
    path("h/<slug:slug>/technician/engine/", technician.engine, name="engine-health"),
    path("h/<slug:slug>/diagnostics/", screens.diagnostics, name="diagnostics"),
    path("office/<slug:slug>/floor/", floor.page, name="floor"),
    path("office/<slug:slug>/floor/<uuid:pk>/remove/", floor.remove, name="broadcaster-remove"),
    path(web_api.HEARINGS, engine.hearings, name="engine-hearings"),
    path(web_api.HEARING, engine.about, name="engine-about"),
    path(web_api.FACTS, engine.facts, name="engine-facts"),
    path(web_api.EDGE_KEYS, engine.edge_keys, name="edge-keys"),
    path(web_api.EDGES, engine.edges, name="engine-edges"),
    path(web_api.CHECK, engine.check, name="engine-check"),
    path(web_api.ENDED, engine.ended, name="engine-ended"),
]
