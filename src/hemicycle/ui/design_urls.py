"""The style guide's addresses, served only while `HEMICYCLE_DEBUG` is on."""

from django.urls import path

from hemicycle.ui import views

app_name = "design"
urlpatterns = [
    path("", views.guide, name="guide"),
    path("office/", views.office, name="office"),
    path("room/", views.room, name="room"),
    path("hall/", views.hall, name="hall"),
    path("error/<slug:name>/", views.error, name="error"),
]
