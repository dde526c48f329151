"""Addresses of the interpreters' consoles and of the secretariat's pages about booths."""

from django.urls import path

from hemicycle.meeting.interpretation import staff_views, views

app_name = "interpretation"
urlpatterns = [
    path("h/<slug:slug>/booth/", views.own_booth, name="own-booth"),
    path("h/<slug:slug>/booth/<str:language>/", views.booth, name="booth"),
    path("h/<slug:slug>/booth/<str:language>/updates/", views.updates, name="updates"),
    path("h/<slug:slug>/booth/<str:language>/text/<str:slot>/", views.text, name="text"),
    path("office/<slug:slug>/booths/", staff_views.index, name="office"),
    path("office/<slug:slug>/booths/glossary/", staff_views.glossary, name="glossary"),
    path("office/<slug:slug>/booths/<uuid:pk>/place/", staff_views.place, name="place"),
    path("office/<slug:slug>/booths/<uuid:pk>/release/", staff_views.release, name="release"),
]
