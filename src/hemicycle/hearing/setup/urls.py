"""The hearings, and a hearing's public pages and office."""

from django.urls import path

from hemicycle.hearing.setup import audit, convening, panels, people, staff_views, views

app_name = "hearing"
urlpatterns = [
    path("", views.index, name="index"),
    path("h/<slug:slug>/", views.page, name="page"),
    path("h/<slug:slug>/calendar.ics", views.calendar_file, name="calendar"),
    path("office/", staff_views.mine, name="mine"),
    path("office/convene/", convening.convene, name="convene"),
    path("office/convene/<uuid:pk>/", convening.confirm, name="confirm"),
    path("office/<slug:slug>/", staff_views.overview, name="office"),
    path("office/<slug:slug>/verify/", staff_views.verify, name="verify"),
    path("office/<slug:slug>/publish/", staff_views.publish, name="publish"),
    path("office/<slug:slug>/end/", staff_views.end, name="end"),
    path("office/<slug:slug>/programme/", staff_views.programme, name="programme"),
    path("office/<slug:slug>/programme/file/", staff_views.file, name="file"),
    path("office/<slug:slug>/programme/hearing.toml", staff_views.export, name="export"),
    path("office/<slug:slug>/programme/<slug:part>/", staff_views.programme, name="programme-part"),
    path("office/<slug:slug>/people/", people.index, name="people"),
    path("office/<slug:slug>/people/<uuid:pk>/link/", people.send_link, name="send-link"),
    path("office/<slug:slug>/people/<uuid:pk>/revoke/", people.revoke_links, name="revoke-links"),
    path("office/<slug:slug>/people/<uuid:pk>/dismiss/", people.dismiss, name="dismiss"),
    path("office/<slug:slug>/people/<uuid:person_id>/erase/", people.erase, name="erase"),
    path("office/<slug:slug>/people/seats/<uuid:pk>/", panels.form, name="seat-of"),
    path("office/<slug:slug>/record/", audit.index, name="record"),
]
