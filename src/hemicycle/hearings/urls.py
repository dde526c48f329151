"""The hearings, and a hearing's public pages and office."""

from django.urls import path

from hemicycle.hearings import audit, convening, office, panels, people, views

app_name = "hearings"
urlpatterns = [
    path("", views.index, name="index"),
    path("h/<slug:slug>/", views.page, name="page"),
    path("h/<slug:slug>/calendar.ics", views.calendar_file, name="calendar"),
    path("office/", office.mine, name="mine"),
    path("office/convene/", convening.convene, name="convene"),
    path("office/convene/<uuid:pk>/", convening.confirm, name="confirm"),
    path("office/<slug:slug>/", office.overview, name="office"),
    path("office/<slug:slug>/verify/", office.verify, name="verify"),
    path("office/<slug:slug>/publish/", office.publish, name="publish"),
    path("office/<slug:slug>/end/", office.end, name="end"),
    path("office/<slug:slug>/programme/", office.programme, name="programme"),
    path("office/<slug:slug>/programme/file/", office.file, name="file"),
    path("office/<slug:slug>/programme/hearing.toml", office.export, name="export"),
    path("office/<slug:slug>/programme/<slug:part>/", office.programme, name="programme-part"),
    path("office/<slug:slug>/people/", people.index, name="people"),
    path("office/<slug:slug>/people/<uuid:pk>/link/", people.send_link, name="send-link"),
    path("office/<slug:slug>/people/<uuid:pk>/revoke/", people.revoke_links, name="revoke-links"),
    path("office/<slug:slug>/people/<uuid:pk>/dismiss/", people.dismiss, name="dismiss"),
    path("office/<slug:slug>/people/<uuid:person_id>/erase/", people.erase, name="erase"),
    path("office/<slug:slug>/people/seats/<uuid:pk>/", panels.form, name="seat-of"),
    path("office/<slug:slug>/record/", audit.index, name="record"),
]
