"""Addresses to which a page may redirect: only those of this site."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def local_path(request: HttpRequest, given: str, otherwise: str = "/") -> str:
    """Return `given` if it is an address on this site, else `otherwise`."""
    fits = url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return given if given.startswith("/") and fits else otherwise
