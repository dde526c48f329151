"""The outbox."""

from django.urls import path

from hemicycle.correspondence import views

app_name = "correspondence"
urlpatterns = [
    path("letters/leave/<str:secret>/", views.unsubscribe, name="unsubscribe"),
    path("office/<slug:slug>/outbox/", views.index, name="office"),
    path("office/<slug:slug>/outbox/table.csv", views.as_csv, name="csv"),
    path("office/<slug:slug>/outbox/table.xlsx", views.as_xlsx, name="xlsx"),
    path("office/<slug:slug>/outbox/<uuid:pk>/", views.detail, name="detail"),
    path("office/<slug:slug>/outbox/<uuid:pk>/act/", views.act, name="act"),
]
