"""The site's addresses: each slice brings its own."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("hemicycle.parties.urls")),
    path("", include("hemicycle.hearings.urls")),
    path("", include("hemicycle.correspondence.urls")),
    path("", include("hemicycle.registration.urls")),
    path("", include("hemicycle.speakers.urls")),
    path("", include("hemicycle.statements.urls")),
    path("", include("hemicycle.questions.urls")),
    path("", include("hemicycle.room.urls")),
    path("", include("hemicycle.webcast.urls")),
    path("", include("hemicycle.summary.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("design/", include("hemicycle.web.design_urls")))
