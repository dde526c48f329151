"""The operations page, for administrators."""

from django.urls import path

from hemicycle.site.operating import staff_views

app_name = "operating"
urlpatterns = [path("office/operations/", staff_views.index, name="page")]
