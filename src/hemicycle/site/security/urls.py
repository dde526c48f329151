"""The security log's page in the back office."""

from django.urls import path

from hemicycle.site.security import staff_views

app_name = "security"
urlpatterns = [path("office/<slug:slug>/security/", staff_views.index, name="office")]
