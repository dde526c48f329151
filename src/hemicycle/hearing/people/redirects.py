"""Where a page may lead on to: addresses of this site, so that a link leads nobody elsewhere."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def local_path(request: HttpRequest, given: str, otherwise: str = "/") -> str:
    """`given` if it is an address on this site, so that a link leads nobody elsewhere."""
    fits = url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return given if given.startswith("/") and fits else otherwise
