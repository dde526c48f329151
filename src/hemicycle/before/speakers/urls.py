"""Addresses of the lists of speakers, in the office and for the public."""

from django.urls import path

from hemicycle.before.speakers import balance_views, views

app_name = "speakers"
urlpatterns = [
    path("h/<slug:slug>/speakers/", views.public, name="public"),
    path("office/<slug:slug>/lists/", views.index, name="office"),
    path("office/<slug:slug>/lists/rule/", views.rule, name="rule"),
    path("office/<slug:slug>/lists/<uuid:segment>/", views.office_list, name="list"),
    path("office/<slug:slug>/lists/<uuid:segment>/rank/", views.rank, name="rank"),
    path("office/<slug:slug>/lists/<uuid:segment>/balance/", balance_views.balance, name="balance"),
    path("office/<slug:slug>/lists/<uuid:segment>/print/", views.printed, name="print"),
    path("office/<slug:slug>/lists/<uuid:segment>.csv", views.export, {"kind": "csv"}, name="csv"),
    path(
        "office/<slug:slug>/lists/<uuid:segment>.xlsx", views.export, {"kind": "xlsx"}, name="xlsx"
    ),
]
