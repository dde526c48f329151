"""Documents of a hearing: the office's, a panellist's own, the technicians', the public's."""

from django.urls import path

from hemicycle.before.meeting_documents import views

app_name = "meeting_documents"
urlpatterns = [
    path("office/<slug:slug>/documents/", views.index, name="office"),
    path("office/<slug:slug>/documents/<uuid:pk>/", views.detail, name="detail"),
    path("office/<slug:slug>/documents/<uuid:pk>/delete/", views.remove, name="remove"),
    path("h/<slug:slug>/my-panel/", views.panel, name="panel"),
    path("h/<slug:slug>/my-panel/<uuid:pk>/agree/", views.agree, name="agree"),
    path("h/<slug:slug>/my-panel/<uuid:pk>/delete/", views.take_back, name="take-back"),
    path("h/<slug:slug>/presentations/", views.presentations, name="presentations"),
    path("h/<slug:slug>/presentations/<uuid:pk>/", views.file, name="file"),
    path("h/<slug:slug>/documents/<uuid:pk>/", views.public, name="public"),
]
