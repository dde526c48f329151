"""The outbox."""

from django.urls import path

from hemicycle.correspondence import views

app_name = "correspondence"
urlpatterns = [
    path("office/<slug:slug>/outbox/", views.index, name="office"),
    path("office/<slug:slug>/outbox/<uuid:pk>/", views.detail, name="detail"),
]
