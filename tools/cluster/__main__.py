"""Starts a whole site on one machine, each part in a network namespace of its own: `make cluster`.

Two web machines, worker, mail, two media machines, two edges, three database machines with Patroni
and etcd, PgBouncer, an object store, and a proxy in front. A hearing is rehearsed in it with sound,
which two halls hear at the two edges, while each part is killed in turn and started again. Exit
status 0: nothing was lost, the halls heard again within the aims each time, and the record
verifies. 1: not so; on few processors, look at how busy they were. 2: something is missing here.

With `--stay`, nothing is killed: the site runs until Ctrl-C, to be looked at.
"""

import argparse
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.cluster.programs import Missing
from tools.cluster.site import Site, machines_of_a_site

GOOD, BAD, CANNOT = 0, 1, 2
NO_ROOT = "It makes network namespaces, which needs root: sudo make cluster"


def main() -> int:
    """Run it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stay", action="store_true", help="kill nothing, run until Ctrl-C")
    parser.add_argument("--only", nargs="+", default=[""], help="parts: words of their names")
    parser.add_argument("--keep", action="store_true", help="keep data and logs")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print(NO_ROOT, file=sys.stderr)
        return CANNOT
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell in the background ignores the first
        signal.signal(number, signal.default_int_handler)
    try:
        with _folder(keep=options.keep) as folder, machines_of_a_site(folder) as site:
            return _run(site, stay=options.stay, only=options.only)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        return GOOD if options.stay else BAD


def _run(site: Site, *, stay: bool, only: Sequence[str]) -> int:
    for what, start in site.starting():
        begun = time.monotonic()
        start()
        _tell(f"{what}: {time.monotonic() - begun:.1f} s")
    _tell(f"The site is at {site.url}")
    os.environ.update(site.environment(), DJANGO_SETTINGS_MODULE="hemicycle.site.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's loop runs in this thread
    import django

    django.setup()
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it tells of each try meanwhile
    from tools.cluster import trial

    if stay:
        with trial.rehearsal(site, _tell):
            _tell("Stop it with Ctrl-C.")
            while True:
                time.sleep(1)
    return GOOD if trial.hold(site, only, _tell) else BAD


@contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-cluster-"))
    try:
        yield folder
    finally:
        if keep:
            _tell(f"Data and logs are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _tell(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
