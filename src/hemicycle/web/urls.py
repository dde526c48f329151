"""The site's addresses: each slice brings its own."""

from django.conf import settings
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

MARK = lazy(static, str)("img/mark.svg")  # its name carries a hash that is known once it is served
handler400 = "hemicycle.web.errors.bad_request"
urlpatterns = [
    path("favicon.ico", RedirectView.as_view(url=MARK), name="favicon"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("hemicycle.parties.urls")),
    path("", include("hemicycle.hearings.urls")),
    path("", include("hemicycle.correspondence.urls")),
    path("", include("hemicycle.mailroom.urls")),
    path("", include("hemicycle.registration.urls")),
    path("", include("hemicycle.speakers.urls")),
    path("", include("hemicycle.statements.urls")),
    path("", include("hemicycle.questions.urls")),
    path("", include("hemicycle.training.urls")),
    path("", include("hemicycle.accreditation.urls")),
    path("", include("hemicycle.wall.urls")),
    path("", include("hemicycle.room.urls")),
    path("", include("hemicycle.interpretation.urls")),
    path("", include("hemicycle.webcast.urls")),
    path("", include("hemicycle.summary.urls")),
    path("", include("hemicycle.api.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("design/", include("hemicycle.web.design_urls")))
