"""Browser permissions of pages: only camera, microphone and screen, only for this site."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

POLICY = ", ".join(
    (
        *(f"{feature}=(self)" for feature in ("camera", "microphone", "display-capture")),
        *(f"{feature}=()" for feature in ("geolocation", "payment", "usb", "serial", "midi")),
    )
)

Answer = Callable[[HttpRequest], HttpResponseBase]


def middleware(answer: Answer) -> Answer:
    """Add the policy (W3C Permissions Policy) to every answer."""

    def with_policy(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        response.headers["Permissions-Policy"] = POLICY
        return response

    return with_policy
