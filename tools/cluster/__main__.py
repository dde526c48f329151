"""Start a whole site on one machine, each part in its own network namespace: `make cluster`.

The site has two web machines, a worker, a mail machine, two media machines, two edges, three
database machines with Patroni and etcd, PgBouncer, an object store, and a proxy in front. A hearing
is rehearsed on it with sound, to which two halls listen at the two edges, while each part is killed
and started again in turn. The exit status is 0 if nothing was lost, the halls had sound again
within the aims each time, and the record verifies. It is 1 otherwise: on a machine with few
processors, check how busy they were. It is 2 if a program or a right is missing on this machine.

With `--stay`, nothing is killed, and the site runs until Ctrl-C, so that you can look at it.
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
    """Run the trial, or the site with `--stay`, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stay", action="store_true", help="kill nothing, run until Ctrl-C")
    parser.add_argument("--only", nargs="+", default=[""], help="parts: words of their names")
    parser.add_argument("--keep", action="store_true", help="keep data and logs")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print(NO_ROOT, file=sys.stderr)
        return CANNOT
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background job ignores SIGINT
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
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's event loop runs in this thread
    import django

    django.setup()
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # it logs each attempt to connect
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
