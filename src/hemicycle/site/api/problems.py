"""Errors in the form of RFC 9457: a type, a status, and a plain sentence."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MEDIA_TYPE = "application/problem+json"

KINDS: dict[str, tuple[int, str | Promise]] = {
    "malformed": (400, _("The request cannot be read")),
    "no-token": (401, _("Token required")),
    "not-allowed": (403, _("The token does not allow this")),
    "not-found": (404, _("Not found")),
    "wrong-method": (405, _("Method not allowed")),
    "refused": (409, _("The rules of the hearing do not allow this")),
    "too-large": (413, _("Request too large")),
    "wrong-media-type": (415, _("Unsupported media type")),
    "invalid": (422, _("The request is not valid")),
    "too-many": (429, _("Too many requests")),
}
"""Each kind of problem: its status and its title."""


class ApiProblem(Exception):
    """Ends a request with a problem, before anything is changed.

    Each of `errors` describes one wrong part of the request: ``{"where": …, "says": …}``.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The answer's status."""
        return KINDS[self.kind][0]

    def response(self) -> HttpResponse:
        """Return the problem as an `application/problem+json` response (RFC 9457)."""
        body: dict[str, Any] = {
            "type": f"{settings.BASE_URL}/api/#problem-{self.kind}",
            "title": str(KINDS[self.kind][1]),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = self.errors
        text = json.dumps(body, ensure_ascii=False)
        headers = {**self.headers, "Cache-Control": "no-store"}
        return HttpResponse(text, MEDIA_TYPE, self.status, headers=headers)


def kind_of(status: int) -> str:
    """Return the kind of problem with a status."""
    return next(kind for kind, (number, _title) in KINDS.items() if number == status)
