"""Addresses of the wall: the public's, and the secretariat's."""

from django.urls import path

from hemicycle.wall import office, views

app_name = "wall"
urlpatterns = [
    path("h/<slug:slug>/wall/", views.page, name="page"),
    path("h/<slug:slug>/wall/posts/", views.posts, name="posts"),
    path("office/<slug:slug>/wall/", office.index, name="office"),
    path("office/<slug:slug>/wall/many/", office.many, name="many"),
    path("office/<slug:slug>/wall/next/", office.following, name="next"),
    path("office/<slug:slug>/wall/posts/<uuid:pk>/", office.post, name="post"),
    path("office/<slug:slug>/wall/authors/<uuid:pk>/", office.author, name="author"),
    path("office/<slug:slug>/wall/pane/", office.pane, name="pane"),
    path("office/<slug:slug>/wall/setup/", office.setup, name="setup"),
    path("office/<slug:slug>/wall/sources/", office.add_source, name="add-source"),
    path("office/<slug:slug>/wall/sources/<uuid:pk>/", office.remove_source, name="remove-source"),
]
