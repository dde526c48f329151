"""The mailroom's pages, for the secretariat."""

from django.urls import path

from hemicycle.mailroom import office

app_name = "mailroom"
urlpatterns = [
    path("office/<slug:slug>/mail/", office.index, name="office"),
    path("office/<slug:slug>/mail/<uuid:pk>/", office.detail, name="detail"),
    path("office/<slug:slug>/mail/<uuid:pk>/assign/", office.assign, name="assign"),
    path("office/<slug:slug>/mail/<uuid:pk>/aside/", office.aside, name="aside"),
    path("office/<slug:slug>/mail/<uuid:pk>/reopen/", office.reopen, name="reopen"),
    path("office/<slug:slug>/mail/<uuid:pk>/as/<str:purpose>/", office.take, name="take"),
    path("office/<slug:slug>/mail/<uuid:pk>/file/<int:number>/", office.file, name="file"),
]
