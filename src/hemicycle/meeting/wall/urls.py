"""Addresses of the wall's pages, for the public and for the secretariat."""

from django.urls import path

from hemicycle.meeting.wall import staff_views, views

app_name = "wall"
urlpatterns = [
    path("h/<slug:slug>/wall/", views.page, name="page"),
    path("h/<slug:slug>/wall/posts/", views.posts, name="posts"),
    path("office/<slug:slug>/wall/", staff_views.index, name="office"),
    path("office/<slug:slug>/wall/many/", staff_views.many, name="many"),
    path("office/<slug:slug>/wall/next/", staff_views.following, name="next"),
    path("office/<slug:slug>/wall/posts/<uuid:pk>/", staff_views.post, name="post"),
    path("office/<slug:slug>/wall/authors/<uuid:pk>/", staff_views.author, name="author"),
    path("office/<slug:slug>/wall/screen/", staff_views.screen, name="screen"),
    path("office/<slug:slug>/wall/setup/", staff_views.setup, name="setup"),
    path("office/<slug:slug>/wall/sources/", staff_views.add_source, name="add-source"),
    path(
        "office/<slug:slug>/wall/sources/<uuid:pk>/",
        staff_views.remove_source,
        name="remove-source",
    ),
]
