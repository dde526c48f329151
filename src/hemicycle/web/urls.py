"""The site's addresses: each slice brings its own."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path("", include(f"{name}.urls"))
        for name in settings.SLICES
        if name != "hemicycle.web" and find_spec(f"{name}.urls")
    ),
]
if settings.DEBUG:
    urlpatterns.append(path("design/", include("hemicycle.web.design_urls")))
