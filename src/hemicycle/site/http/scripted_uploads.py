"""Uploads that a page's script sends (`ui/static/js/upload.js`): the way on, instead of a redirect.

A script that follows a redirect loads the next page, which shows its messages once, and nobody
would see them. So the script gets the address, and has the browser go there.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

SENT_BY_SCRIPT = "X-Upload"
GO_TO = "X-Go-To"

Answer = Callable[[HttpRequest], HttpResponseBase]


def middleware(answer: Answer) -> Answer:
    """Turn the redirect after such an upload into an answer 200 that names the address."""

    def with_address(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        if SENT_BY_SCRIPT in request.headers and 300 <= response.status_code < 400:
            response.headers[GO_TO] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 200
        return response

    return with_address
