"""The handbook under `/help/`, as `make docs` builds it, or a redirect to `HANDBOOK_URL`."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.http import require_safe
from django.views.static import serve

BUILT = Path(__file__).with_name("handbook_pages")


@require_safe
def page(request: HttpRequest, file: str = "") -> HttpResponseBase:
    """Return one file of the handbook; 404 if it does not exist or the handbook is not built."""
    if settings.HANDBOOK_URL:
        return HttpResponseRedirect(settings.HANDBOOK_URL)
    if any(part.startswith(".") for part in file.split("/")):
        raise Http404
    name = f"{file}index.html" if file in {"", "decisions/"} else file
    answer = serve(request, name, document_root=str(BUILT))
    answer["Cache-Control"] = "public, max-age=600"
    return answer
