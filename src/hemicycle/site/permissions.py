"""Browser permissions of pages: camera, microphone and screen for themselves, nothing else."""

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
    """Send the policy with every page (W3C Permissions Policy)."""

    def with_policy(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        response.headers["Permissions-Policy"] = POLICY
        return response

    return with_policy
