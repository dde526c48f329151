"""The hearings, and a hearing's public pages and office."""

from django.urls import path

from hemicycle.hearing.setup.views import (
    convene,
    cosignatures,
    log,
    people,
    privacy,
    public,
    record,
    staff,
    words,
)

app_name = "hearing"
urlpatterns = [
    path("", public.index, name="index"),
    path("h/<slug:slug>/", public.page, name="page"),
    path("h/<slug:slug>/calendar.ics", public.calendar_file, name="calendar"),
    path("h/<slug:slug>/privacy/", privacy.page, name="privacy"),
    path("h/<slug:slug>/log/checkpoint", log.checkpoint, name="log-checkpoint"),
    path("h/<slug:slug>/log/cosignatures", cosignatures.hand_in, name="log-cosignatures"),
    path("h/<slug:slug>/log/key", log.key, name="log-key"),
    path("h/<slug:slug>/log/successions.json", log.successions, name="log-successions"),
    path("h/<slug:slug>/log/tile/<path:path>", log.tile, name="log-tile"),
    path("h/<slug:slug>/log/entry/<int:seq>/", log.entry, name="log-entry"),
    path("h/<slug:slug>/log/inclusion/<int:seq>.json", log.inclusion, name="log-inclusion"),
    path("h/<slug:slug>/log/timestamp/<int:seq>.json", log.timestamp, name="log-timestamp"),
    path(
        "h/<slug:slug>/log/consistency/<int:old>-<int:new>.json",
        log.consistency,
        name="log-consistency",
    ),
    path("h/<slug:slug>/public-name/", people.public_name, name="public-name"),
    path("office/", staff.mine, name="mine"),
    path("office/convene/", convene.convene, name="convene"),
    path("office/convene/<uuid:pk>/", convene.confirm, name="confirm"),
    path("office/<slug:slug>/", staff.overview, name="office"),
    path("office/<slug:slug>/verify/", staff.verify, name="verify"),
    path("office/<slug:slug>/publish/", staff.publish, name="publish"),
    path("office/<slug:slug>/postpone/", staff.postpone, name="postpone"),
    path("office/<slug:slug>/end/", staff.end, name="end"),
    path("office/<slug:slug>/programme/", staff.programme, name="programme"),
    path("office/<slug:slug>/programme/file/", staff.file, name="file"),
    path("office/<slug:slug>/programme/hearing.toml", staff.export, name="export"),
    path("office/<slug:slug>/programme/words/", words.index, name="words"),
    path("office/<slug:slug>/programme/words/<str:name>", words.file, name="words-file"),
    path("office/<slug:slug>/programme/<slug:part>/", staff.programme, name="programme-part"),
    path("office/<slug:slug>/people/", people.index, name="people"),
    path("office/<slug:slug>/people/<uuid:pk>/link/", people.send_link, name="send-link"),
    path("office/<slug:slug>/people/<uuid:pk>/revoke/", people.revoke_links, name="revoke-links"),
    path("office/<slug:slug>/people/<uuid:pk>/dismiss/", people.dismiss, name="dismiss"),
    path("office/<slug:slug>/people/<uuid:person_id>/erase/", people.erase, name="erase"),
    path("office/<slug:slug>/people/seats/<uuid:pk>/", people.seat_of, name="seat-of"),
    path("office/<slug:slug>/privacy/", privacy.office, name="office-privacy"),
    path("office/<slug:slug>/record/", record.index, name="record"),
]
