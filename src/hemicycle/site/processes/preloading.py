"""Loads what the processes for pages, tasks and mail have in common, before they are forked.

They share that memory as long as nobody writes to it: three processes with nearly the same modules
take little more than one. Nothing here may open a connection or start a thread, since a fork would
have half of it.
"""

import gc
from importlib import import_module

MODULES = (
    "hemicycle.mail.incoming.receiving.process",
    "hemicycle.meeting.room.ticker",
    "hemicycle.record.feed",
    "hemicycle.record.renewal",
    "hemicycle.site.http.media_proxy",
    "hemicycle.site.http.static_files",
    "hemicycle.site.http.threaded_handler",
    "hemicycle.site.processes.start_checks",
    "hemicycle.site.processes.web_server",
    "hemicycle.site.security.brake",
    "hemicycle.site.urls",
)
"""What each process would load by itself; with them come nearly all others."""


def preload() -> None:
    """Load Django, all apps and `MODULES`, and keep the garbage collector from their memory."""
    import django

    django.setup()
    for name in MODULES:
        import_module(name)
    gc.collect()
    gc.freeze()
