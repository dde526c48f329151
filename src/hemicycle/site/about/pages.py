"""The accessibility statement, the privacy notice and the imprint, linked from every public page.

Each shows the operator's own text if there is one (`own_texts`), and otherwise Hemicycle's text,
which claims only what is true of every installation.
"""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hemicycle.hearing.setup import personal_data, queries
from hemicycle.site.about import network_needs, own_texts
from hemicycle.ui.languages import language_name
from hemicycle.ui.revalidation import revalidated

NAMES = {
    "accessibility": _("Accessibility statement"),
    "imprint": _("Imprint"),
    "privacy": _("Privacy"),
}
REVIEWED = datetime(2026, 11, 28, tzinfo=UTC)
"""The date of the last comparison of our accessibility statement with the tests' results."""


@require_safe
@revalidated
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement, in the order of the model in Decision (EU) 2018/1523."""
    return _page(request, "accessibility", reviewed=REVIEWED)


@require_safe
@revalidated
def privacy(request: HttpRequest) -> HttpResponse:
    """Show the privacy notice of the whole site; each hearing has its own notice with its dates.

    The table of data comes from the code, so it also stands below the operator's own text.
    """
    hearings = list(queries.published())
    return _page(request, "privacy", rows=personal_data.TABLE, hearings=hearings)


@require_safe
@revalidated
def imprint(request: HttpRequest) -> HttpResponse:
    """Show who operates the site, and how to reach them."""
    return _page(request, "imprint")


@require_safe
@revalidated
def network(request: HttpRequest) -> HttpResponse:
    """Show which ports a participant's network must leave open, for its IT department."""
    return render(request, "about/network.html", {"rows": network_needs.connections()})


def _page(request: HttpRequest, page: str, **more: Any) -> HttpResponse:
    wanted = request.GET.get("text", "") or get_language() or settings.LANGUAGE_CODE
    own = own_texts.read(settings.PAGES_DIR, page, wanted)
    texts = own_texts.languages(settings.PAGES_DIR, page)
    context = {
        "own": own,
        "name": NAMES[page],
        "others": [
            (language, language_name(language))
            for language in texts
            if own is not None and language != own.language
        ],
        "operator": settings.OPERATOR_NAME,
        "address": settings.OPERATOR_ADDRESS,
        "contact": settings.CONTACT_EMAIL,
        **more,
    }
    return render(request, f"about/{page}.html", context)
