"""The addresses of the web process that the media engine calls, as Django's routes.

The engine declares them, since it is the one that calls; `meeting/room/urls.py` answers there,
`meeting/cutting/urls.py` for cuts, and `before/statements/urls.py` for video statements.
`docs/media.md` describes the messages in both directions.
"""

PREFIX = "media-api/"
"""The beginning of all addresses; no limit on requests applies below it."""
HEARINGS = "media-api/hearings"
HEARING = "media-api/<str:hearing>"
FACTS = "media-api/<str:hearing>/facts"
ENDED = "media-api/<str:hearing>/ended"
EDGES = "media-api/<str:hearing>/edges"
CHECK = "media-api/<str:hearing>/check"
CUTS = "media-api/cuts"
REMOVED = "media-api/removed"
EDGE_KEYS = "media-api/edges/keys"
"""The public key of the edges' tokens; edges call this address, which is open to all."""
CUT = "media-api/<str:hearing>/cut"
VIDEO = "media-api/<str:hearing>/videos/<uuid:pk>"


def address(route: str, hearing: str = "") -> str:
    """Return a route's address for one hearing."""
    return "/" + route.replace("<str:hearing>", hearing)
