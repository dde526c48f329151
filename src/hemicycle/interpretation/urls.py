"""Addresses of the booths: the interpreters' desks and the secretariat's page."""

from django.urls import path

from hemicycle.interpretation import office, views

app_name = "interpretation"
urlpatterns = [
    path("h/<slug:slug>/booth/", views.own_booth, name="own-booth"),
    path("h/<slug:slug>/booth/<str:language>/", views.booth, name="booth"),
    path("h/<slug:slug>/booth/<str:language>/panes/", views.panes, name="panes"),
    path("h/<slug:slug>/booth/<str:language>/text/<str:slot>/", views.text, name="text"),
    path("office/<slug:slug>/booths/", office.index, name="office"),
    path("office/<slug:slug>/booths/<uuid:pk>/place/", office.place, name="place"),
    path("office/<slug:slug>/booths/<uuid:pk>/release/", office.release, name="release"),
]
