"""The forking process of a site: loads the modules of pages, tasks, mail and engine, and forks.

The forks share that memory as long as none of them writes to it: four processes with many common
modules take little more memory than one. Nothing here may open a connection or leave a thread
running, since forks would have it in a broken state. (numpy's linear algebra has a thread, which it
ends before a fork and starts when there is work.)

The supervisor runs this as `python -m hemicycle.site.processes.preloading` (`forking`).
"""

import gc
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from setproctitle import setproctitle

from hemicycle.site import cli
from hemicycle.site.processes import start_errors
from hemicycle.site.processes.forking import FIGURES, FIGURES_FOLDER, NAME, fork_on_request
from hemicycle.site.processes.priority import step_back

MODULES = (
    "hemicycle.before.registration.housekeeping",
    "hemicycle.engine.process",
    "hemicycle.hearing.jobs.workers",
    "hemicycle.hearing.setup.feeding",
    "hemicycle.mail.incoming.receiving.process",
    "hemicycle.meeting.room.ticker",
    "hemicycle.record.feed",
    "hemicycle.record.renewal",
    "hemicycle.site.api.webhooks.courier",
    "hemicycle.site.http.media_proxy",
    "hemicycle.site.http.static_files",
    "hemicycle.site.http.threaded_handler",
    "hemicycle.site.processes.start_checks",
    "hemicycle.site.processes.web_server",
    "hemicycle.site.security.brake",
    "hemicycle.site.urls",
)
"""The modules that each process would load itself; they import nearly all others."""


def preload_gently() -> None:
    """Run `preload` in a thread of low priority; raise its exception.

    A lowered priority cannot be raised again, and forks inherit the priority of the thread that
    forks. So a separate thread loads.
    """
    with ThreadPoolExecutor(1, initializer=step_back) as loading:
        loading.submit(preload).result()


def preload() -> None:
    """Load Django, all apps and `MODULES`, and exempt their memory from garbage collection."""
    import django

    django.setup()
    for name in MODULES:
        import_module(name)
    gc.collect()
    gc.freeze()


def main() -> int:
    """Load, then fork for the supervisor; in a fork, run the requested command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", cli.SETTINGS)
    if sys.argv[1:2] == [FIGURES]:
        os.environ[FIGURES_FOLDER] = sys.argv[2]
    setproctitle(f"hemicycle {NAME}")
    try:
        preload_gently()
    except Exception as error:
        if (status := start_errors.tell(error)) is None:
            raise
        return status
    arguments = fork_on_request()
    return 0 if arguments is None else cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
