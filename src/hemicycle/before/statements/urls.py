"""Addresses of statements: the participant's, the public's, the secretariat's."""

from django.urls import path

from hemicycle.before.statements import staff_views, views
from hemicycle.before.statements.library import views as library
from hemicycle.before.statements.video import staff_views as video_office
from hemicycle.before.statements.video import views as videos
from hemicycle.engine import web_api

app_name = "statements"
urlpatterns = [
    path("my/<secret:secret>/statement/", views.hand_in, name="hand-in"),
    path("my/<secret:secret>/statement/<uuid:pk>/", views.hand_in, name="hand-in-for"),
    path("my/<secret:secret>/statement/<uuid:pk>/consent/", views.consent, name="consent"),
    path("my/<secret:secret>/statement/<uuid:pk>/title/", views.title, name="title"),
    path("my/<secret:secret>/statement/file/<uuid:pk>/", views.own_file, name="own-file"),
    path("my/<secret:secret>/video/<uuid:place>/", videos.hand_in, name="video"),
    path("my/<secret:secret>/video/<uuid:place>/withdraw/", videos.withdraw, name="withdraw-video"),
    path("my/<secret:secret>/video/<uuid:place>/play/", videos.choose, name="choose-video"),
    path("my/<secret:secret>/video/file/<uuid:pk>/", videos.own_file, name="own-video"),
    path("h/<slug:slug>/statements/", library.library, name="library"),
    path("h/<slug:slug>/statements/list.csv", library.as_csv, name="library-csv"),
    path("h/<slug:slug>/statements/sitemap.xml", library.sitemap, name="sitemap"),
    path("h/<slug:slug>/statements/<uuid:pk>/", library.published, name="published"),
    path("h/<slug:slug>/statements/<uuid:pk>/file/", library.published_file, name="published-file"),
    path("sitemap.xml", library.sitemap_index, name="sitemap-index"),
    path("robots.txt", library.robots, name="robots"),
    path("office/<slug:slug>/statements/", staff_views.index, name="office"),
    path("office/<slug:slug>/statements/missing/", staff_views.missing, name="missing"),
    path("office/<slug:slug>/statements/export/<str:kind>/", staff_views.export, name="export"),
    path("office/<slug:slug>/statements/<uuid:pk>/", staff_views.detail, name="detail"),
    path("office/<slug:slug>/statements/<uuid:pk>/naming/", staff_views.naming, name="naming"),
    path("office/<slug:slug>/statements/<uuid:pk>/release/", staff_views.release, name="release"),
    path("office/<slug:slug>/statements/<uuid:pk>/title/", staff_views.title, name="office-title"),
    path("office/<slug:slug>/statements/file/<uuid:pk>/", staff_views.file, name="file"),
    path("office/<slug:slug>/videos/", video_office.index, name="videos"),
    path("office/<slug:slug>/videos/<uuid:pk>/", video_office.detail, name="office-video"),
    path("office/<slug:slug>/videos/<uuid:pk>/file/", video_office.file, name="video-file"),
    path(web_api.VIDEO, video_office.to_engine, name="engine-video"),
]
