"""The operations page, for administrators, and the deletion of a draft."""

from django.urls import path

from hemicycle.site.operating import draft_views, staff_views

app_name = "operating"
urlpatterns = [
    path("office/operations/", staff_views.index, name="page"),
    path("office/<slug:slug>/delete/", draft_views.delete, name="delete-draft"),
]
