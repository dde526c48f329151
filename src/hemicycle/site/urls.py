"""The site's addresses, from the `urls` modules of all apps."""

from django.conf import settings
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

MARK = lazy(static, str)("img/mark.svg")  # its name has a hash, known only after the start
handler400 = "hemicycle.ui.errors.bad_request"
handler500 = "hemicycle.site.http.out_of_reach.server_error"
urlpatterns = [
    path("favicon.ico", RedirectView.as_view(url=MARK), name="favicon"),
    # First, since they have the most requests in a surge, and addresses are tried in order.
    path("", include("hemicycle.before.registration.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("sign-in/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("", include("hemicycle.hearing.people.urls")),
    path("", include("hemicycle.site.operating.urls")),  # before the slugs of hearings
    path("", include("hemicycle.hearing.setup.urls")),
    path("", include("hemicycle.mail.outgoing.urls")),
    path("", include("hemicycle.mail.incoming.urls")),
    path("", include("hemicycle.before.consent.urls")),
    path("", include("hemicycle.before.readers.urls")),
    path("", include("hemicycle.before.on_air.urls")),
    path("", include("hemicycle.before.speakers.urls")),
    path("", include("hemicycle.before.statements.urls")),
    path("", include("hemicycle.before.questions.urls")),
    path("", include("hemicycle.before.training.urls")),
    path("", include("hemicycle.before.accreditation.urls")),
    path("", include("hemicycle.before.meeting_documents.urls")),
    path("", include("hemicycle.meeting.wall.urls")),
    path("", include("hemicycle.meeting.cutting.urls")),
    path("", include("hemicycle.meeting.room.urls")),
    path("", include("hemicycle.meeting.interpretation.urls")),
    path("", include("hemicycle.meeting.webcast.urls")),
    path("", include("hemicycle.meeting.captions.urls")),
    path("", include("hemicycle.outcome.summary.urls")),
    path("", include("hemicycle.outcome.archive.urls")),
    path("", include("hemicycle.site.security.urls")),
    path("", include("hemicycle.site.about.urls")),
    path("", include("hemicycle.site.api.urls")),
    path("", include("hemicycle.site.rehearsal.urls")),
]
if settings.SAML_ENTITY:
    urlpatterns.append(path("sign-in/", include("allauth.socialaccount.providers.saml.urls")))
if settings.DEBUG:
    urlpatterns.append(path("design/", include("hemicycle.ui.design_urls")))
