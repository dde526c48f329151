"""The addresses of the pages about the site, and of files at well-known addresses."""

from django.urls import path

from hemicycle.site.about import help_pages, pages, well_known

app_name = "about"
urlpatterns = [
    path("about/accessibility/", pages.accessibility, name="accessibility"),
    path("about/privacy/", pages.privacy, name="privacy"),
    path("about/imprint/", pages.imprint, name="imprint"),
    path("about/network/", pages.network, name="network"),
    path("help/", help_pages.page, name="help"),
    path("help/<path:file>", help_pages.page, name="help-file"),
    path(".well-known/security.txt", well_known.security_txt, name="security-txt"),
    path("site.webmanifest", well_known.manifest, name="manifest"),
]
