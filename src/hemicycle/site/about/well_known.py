"""Files at well-known addresses: `security.txt` and the web app manifest."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from hemicycle.record import clock

VALID_FOR = timedelta(days=180)
"""RFC 9116 section 2.5.5 recommends less than a year. The period begins at each request."""
ICONS = (("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"))
PAPER, BRAND = "#fcfbf8", "#0a4a63"
"""The colours of `tokens.css`: a manifest cannot refer to a style sheet (a test compares them)."""


@require_safe
@cache_control(public=True, max_age=3600)
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return where to report vulnerabilities (RFC 9116); 404 if no contact is set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    fields = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": (today + VALID_FOR).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Canonical": settings.BASE_URL + reverse("about:security-txt"),
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
@vary_on_headers("Accept-Language", "Cookie")
def manifest(request: HttpRequest) -> HttpResponse:
    """Return the name, icons and colours for a browser that adds the site to a home screen."""
    icons = [
        {"src": static(icon_file(sizes, purpose)), "sizes": sizes, "type": "image/png"}
        | {"purpose": purpose}
        for sizes, purpose in ICONS
    ]
    vector = {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    content = {
        "name": settings.OPERATOR_NAME or _("Public hearings"),
        "short_name": _("Hearings"),
        "lang": get_language(),
        "dir": "rtl" if get_language_bidi() else "ltr",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "browser",
        "background_color": PAPER,
        "theme_color": BRAND,
        "icons": [vector, *icons],
    }
    return JsonResponse(content, content_type="application/manifest+json")


def icon_file(sizes: str, purpose: str) -> str:
    """Return the name of the static file of an icon."""
    width = sizes.partition("x")[0]
    return f"img/icon-{width}{'-maskable' if purpose == 'maskable' else ''}.png"
