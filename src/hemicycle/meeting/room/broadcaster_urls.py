"""Check the addresses of other broadcasters, and mask the secrets in them."""

from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.utils.translation import gettext as _

from hemicycle import ssrf_guard

PROTOCOLS = ("rtmp", "rtmps", "srt")
LONGEST = 1000
HIDDEN = "••••"
PUBLIC_PARAMETERS = frozenset({"mode", "latency"})
"""The parameters of an SRT address that are not secret."""

SLOWEST_MS = 10_000
SHORTEST, LONGEST_PASS = 10, 79
"""The minimum and maximum length of an SRT passphrase in bytes (libsrt, `SRTO_PASSPHRASE`)."""


class BadBroadcasterUrl(ValueError):
    """Nothing can be sent to the address; `str()` says why, and what to change."""


def check(url: str) -> None:
    """Raise `BadBroadcasterUrl` for an address that cannot be valid."""
    if any(letter.isspace() or not letter.isprintable() for letter in url):
        raise BadBroadcasterUrl(
            _("There is a space in the address. Copy it again, without spaces.")
        )
    if len(url) > LONGEST:
        said = _("The address has more than %(most)d characters. Check it.")
        raise BadBroadcasterUrl(said % {"most": LONGEST})
    parts = _split(url)
    if parts.scheme not in PROTOCOLS:
        raise BadBroadcasterUrl(_("The address must begin with rtmp://, rtmps:// or srt://."))
    try:
        if parts.hostname:
            ssrf_guard.check_literal(parts.hostname)
    except ssrf_guard.Forbidden as error:
        raise BadBroadcasterUrl(str(error)) from error
    if parts.scheme == "srt":
        _check_srt(parts)
    elif not parts.hostname or not parts.path.strip("/"):
        raise BadBroadcasterUrl(
            _("The address must name a host and a path, as in rtmp://live.example.org/app/key.")
        )


def protocol(url: str) -> str:
    """Return the protocol of an address that was checked, one of `PROTOCOLS`."""
    return _split(url).scheme


def masked(url: str) -> str:
    """Return the address for pages, with dots instead of a possible key or password."""
    parts = _split(url)
    user, at, host = parts.netloc.rpartition("@")
    where = f"{parts.scheme}://{HIDDEN + at if user else ''}{host}"
    if parts.scheme == "srt":
        return where + _masked_query(parts.query)
    return where + _masked_path(parts.path) + (f"?{HIDDEN}" if parts.query else "")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _port = parts.port  # reading it raises an error for an invalid port
    except ValueError as error:
        said = _("The host or the port in the address cannot be read. Copy the address again.")
        raise BadBroadcasterUrl(said) from error
    return parts


def _check_srt(parts: SplitResult) -> None:
    given = dict(parse_qsl(parts.query))
    mode, latency = given.get("mode", "caller"), given.get("latency", "0")
    if not parts.port:
        raise BadBroadcasterUrl(
            _("An SRT address must name a port, as in srt://encoder.example.org:9000.")
        )
    if mode not in {"caller", "listener"}:
        raise BadBroadcasterUrl(_("The mode of an SRT address must be caller or listener."))
    if mode == "caller" and not parts.hostname:
        raise BadBroadcasterUrl(
            _("An SRT address must name a host, as in srt://encoder.example.org:9000.")
        )
    if not latency.isdecimal() or int(latency) > SLOWEST_MS:
        said = _("The latency of an SRT address must be a number of milliseconds up to %(most)d.")
        raise BadBroadcasterUrl(said % {"most": SLOWEST_MS})
    passphrase = given.get("passphrase", "")
    if passphrase and not SHORTEST <= len(passphrase.encode()) <= LONGEST_PASS:
        said = _("The passphrase of an SRT address must have %(least)d to %(most)d characters.")
        raise BadBroadcasterUrl(said % {"least": SHORTEST, "most": LONGEST_PASS})


def _masked_path(path: str) -> str:
    """Keep the application and mask the key after it; mask a single part, which may be the key."""
    app, _slash, key = path.lstrip("/").partition("/")
    return f"/{app}/{HIDDEN}" if key else f"/{HIDDEN}"


def _masked_query(query: str) -> str:
    shown = (
        f"{name}={value if name in PUBLIC_PARAMETERS else HIDDEN}"
        for name, value in parse_qsl(query)
    )
    return "?" + "&".join(shown) if query else ""
