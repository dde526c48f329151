"""Uploads by a page's script (`ui/static/js/upload.js`): the next address instead of a redirect.

A script that followed a redirect would load the next page and so use up its messages, which no one
would see. So the script gets the address, and makes the browser go there.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

SENT_BY_SCRIPT = "X-Upload"
GO_TO = "X-Go-To"

Answer = Callable[[HttpRequest], HttpResponseBase]


def middleware(answer: Answer) -> Answer:
    """Replace the redirect after such an upload by an answer 200 with the address in a header."""

    def with_address(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        if SENT_BY_SCRIPT in request.headers and 300 <= response.status_code < 400:
            response.headers[GO_TO] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 200
        return response

    return with_address
