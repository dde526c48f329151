"""The language model that an installation may name (`HEMICYCLE_MODEL_URL`); it is never required.

It is called by the protocol of most model servers (`POST …/chat/completions`). Its answer is
untrusted text: the callers check each value against what they sent.
"""

import json
import time
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils.translation import gettext as _

LONGEST_ANSWER = 1_000_000
"""The most bytes of an answer; a longer one does not come from a model."""
_CHUNK = 16 * 1024


class ModelUnavailable(Exception):
    """Raised if the model does not answer, or its answer cannot be read.

    `code` is a key of `sentence_for`; `status` is the HTTP status of a refusal.
    """

    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The reason, in the reader's language."""
        return sentence_for(self.code, self.status)


def sentence_for(code: str, status: int = 0) -> str:
    """Return the sentence for a code of `ModelUnavailable`, in the reader's language."""
    return {
        "refused": _(
            "The language model refused the request (status %(status)s). Check its settings."
        )
        % {"status": status},
        "slow": _("The language model did not answer in time. Try again."),
        "away": _("The language model cannot be reached. Check its settings."),
        "too_long": _("The concept note is too long for the language model. It was not sent."),
        "nothing": _("No statement that may be cited belongs to this section yet."),
    }.get(code, _("The answer of the language model could not be read. Nothing was added."))


def is_set_up() -> bool:
    """Whether the installation names a model."""
    return bool(settings.MODEL_URL)


def host() -> str:
    """Return the host to which a question is sent, which a page names before it is sent."""
    return urlsplit(settings.MODEL_URL).hostname or ""


def complete(messages: list[dict[str, str]], schema: dict[str, Any] | None = None) -> str:
    """Return the text of the model's answer. Raises `ModelUnavailable`.

    With a `schema`, the request asks for JSON that follows it. Servers may ignore that.
    """
    body: dict[str, Any] = {"model": settings.MODEL_NAME, "messages": messages, "temperature": 0}
    if schema is not None:
        named = {"name": "answer", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    where = f"{settings.MODEL_URL.rstrip('/')}/chat/completions"
    request = Request(where, json.dumps(body).encode(), _headers())  # noqa: S310 - a setting's address
    try:
        raw = _read(request, settings.MODEL_TIMEOUT_S)
    except HTTPError as error:
        raise ModelUnavailable("refused", error.code) from error
    except TimeoutError as error:
        raise ModelUnavailable("slow") from error
    except (OSError, HTTPException, ValueError) as error:
        raise ModelUnavailable("away") from error
    return _content(raw)


def models(seconds: float) -> list[str]:
    """Return the names of the models on the server (`GET …/models`). Raises `ModelUnavailable`."""
    request = Request(f"{settings.MODEL_URL.rstrip('/')}/models", headers=_headers())  # noqa: S310 - a setting's address
    try:
        return [str(model["id"]) for model in json.loads(_read(request, seconds))["data"]]
    except HTTPError as error:
        raise ModelUnavailable("refused", error.code) from error
    except TimeoutError as error:
        raise ModelUnavailable("slow") from error
    except (OSError, HTTPException) as error:
        raise ModelUnavailable("away") from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ModelUnavailable("unreadable") from error


def _headers() -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if settings.MODEL_KEY:
        headers["Authorization"] = f"Bearer {settings.MODEL_KEY}"
    return headers


def _read(request: Request, seconds: float) -> bytes:
    """Return the bytes of the answer.

    All of them must be received within `seconds`, however slowly they arrive.
    """
    ends, pieces, size = time.monotonic() + seconds, [], 0
    with urlopen(request, timeout=seconds) as answer:  # noqa: S310 - a setting's address
        while piece := answer.read1(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            if size > LONGEST_ANSWER:
                raise ValueError("the answer is too long")
            if time.monotonic() > ends:
                raise TimeoutError
    return b"".join(pieces)


def _content(raw: bytes) -> str:
    try:
        content = json.loads(raw)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ModelUnavailable("unreadable") from error
    if not isinstance(content, str):
        raise ModelUnavailable("unreadable")
    return content
