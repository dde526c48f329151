"""A brake on what strangers may ask for: so many times from one place in a stretch of time."""

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def allowed(request: HttpRequest, what: str, *, most: int, seconds: int) -> bool:
    """Whether the caller may do `what` once more; counts the attempt."""
    where = salted_hmac("limit", request.META.get("REMOTE_ADDR", "")).hexdigest()
    key = f"limit:{what}:{where}"
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) <= most
    except ValueError:  # the count ran out between the two calls
        return True
