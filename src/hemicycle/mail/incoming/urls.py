"""The mailroom's pages, for the secretariat."""

from django.urls import path

from hemicycle.mail.incoming import staff_views

app_name = "incoming"
urlpatterns = [
    path("office/<slug:slug>/mail/", staff_views.index, name="office"),
    path("office/<slug:slug>/mail/<uuid:pk>/", staff_views.detail, name="detail"),
    path("office/<slug:slug>/mail/<uuid:pk>/assign/", staff_views.assign, name="assign"),
    path("office/<slug:slug>/mail/<uuid:pk>/aside/", staff_views.aside, name="aside"),
    path("office/<slug:slug>/mail/<uuid:pk>/reopen/", staff_views.reopen, name="reopen"),
    path("office/<slug:slug>/mail/<uuid:pk>/as/<str:purpose>/", staff_views.take, name="take"),
    path("office/<slug:slug>/mail/<uuid:pk>/file/<int:number>/", staff_views.file, name="file"),
]
