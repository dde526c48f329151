"""`hemicycle demo`: demonstration data, which only this command makes.

- `hemicycle demo` serves a hearing in progress, played live, in a separate folder. It starts
  `hemicycle up` on that folder as a separate process, as from a terminal, and plays the moderator
  in this process. In a third process the speakers sit at their cameras.
- `hemicycle demo --prepared` serves this installation, with two rehearsed hearings if it has
  none: one that has ended, and one in the future.
- `hemicycle demo --remove` removes every rehearsed hearing of this installation, with its people,
  files and jobs, and the folder of `hemicycle demo`.

Exit status: 0 done; 2 refused.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from hemicycle import settings_sources as sources
from hemicycle.site.rehearsal import django_setup
from hemicycle.site.rehearsal.performers_process import PerformersProcess

FOLDER = Path("var/demo")
MARK = "made-by-hemicycle-demo"
REGISTRATIONS = 110
UNDER_WAY = timedelta(minutes=37)
"""How long the first panel has been open: its panellists have spoken, and speakers follow."""
STOP_S = 15.0


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration until Ctrl-C, or remove it."""
    options = vars(_parser().parse_args(argv or []))
    acts, is_prepared = not options.pop("no_media"), options.pop("prepared")
    if options.pop("remove"):
        return _remove()
    arguments = [f"--{name}={value}" for name, value in options.items()]
    if is_prepared:
        from hemicycle.site.processes import commands

        return commands.demo(arguments)
    return _in_progress(arguments, acts=acts)


def _remove() -> int:
    is_elsewhere = bool(sources.given().get(sources.DATA_DIR))  # then `FOLDER` has no data of ours
    django_setup.start()
    from hemicycle.site.operating import removal

    names = removal.remove_rehearsals()
    if not is_elsewhere and (FOLDER / MARK).exists():
        shutil.rmtree(FOLDER)
        names.append(str(FOLDER))
    for name in names:
        print(f"Removed: {name}")
    if not names:
        print("There is no demonstration data here.")
    return 0


def _in_progress(arguments: list[str], *, acts: bool) -> int:
    folder = Path(sources.given().get(sources.DATA_DIR, str(FOLDER))).absolute()
    if not _emptied(folder):
        sentence = f"hemicycle demo: {folder} contains other files. Nothing was changed."
        print(sentence, file=sys.stderr)
        return 2
    os.environ["HEMICYCLE_DATA_DIR"] = str(folder)
    django_setup.start()
    from hemicycle.site.rehearsal import live, scenes, seed

    print("Rehearsing the weeks before, and the beginning of the first panel …", flush=True)
    rehearsal = live.prepared(
        scenes.read(), seed=7, registrations=REGISTRATIONS, under_way=UNDER_WAY, tell=print
    )
    paths = [*live.addresses(rehearsal.hearing), *seed.ways_in(rehearsal.hearing)]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    performers_process = PerformersProcess(rehearsal.hearing.id)

    def served(site: str) -> None:
        _show(site, paths)
        if acts:
            performers_process.begin(site)

    with (
        _serving(arguments, served),
        contextlib.closing(performers_process),
        contextlib.suppress(KeyboardInterrupt),
    ):
        live.hold(rehearsal)
        print("The hearing has ended. Its pages stay until Ctrl-C.", flush=True)
        threading.Event().wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle demo", description="Open a hearing in progress, with synthetic people."
    )
    nothing = argparse.SUPPRESS  # `hemicycle up` sets the defaults of options
    parser.add_argument("--host", default=nothing, help="address to listen on")
    parser.add_argument("--port", type=int, default=nothing, help="port; 0 for any")
    parser.add_argument("--workers", type=int, default=nothing, help="web processes")
    parser.add_argument("--no-media", action="store_true", help="no picture and sound")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--prepared",
        action="store_true",
        help="on this installation: create one past and one future hearing, if it has none",
    )
    instead.add_argument(
        "--remove",
        action="store_true",
        help="remove every rehearsed hearing of this installation, with its people, files and jobs",
    )
    return parser


def _emptied(folder: Path) -> bool:
    """Empty the folder if it is ours or new; return False, and change nothing, if it is not."""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    mark.touch()
    return True


@contextlib.contextmanager
def _serving(arguments: list[str], served: Callable[[str], None]) -> Iterator[None]:
    """Run the server beside this process within the block; `served` is called with its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hemicycle.site.cli", "up", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        process_group=0,  # Ctrl-C in the terminal reaches only us; we pass it on
    )
    threading.Thread(target=_pass_on, args=(process, served), daemon=True).start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _pass_on(process: "subprocess.Popen[str]", served: Callable[[str], None]) -> None:
    """Print the server's output, and call `served` with the address when the server prints it."""
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if found := re.match(r"Hemicycle is at (\S+)/$", line.strip()):
            served(found[1])
    os.kill(os.getpid(), signal.SIGINT)  # the demonstration cannot continue without the server


def _show(site: str, paths: list[tuple[str, str]]) -> None:
    """Print the addresses of the pages to look at."""
    width = max(len(name) for name, _ in paths)
    print("\nThe first panel is under way:", flush=True)
    for name, path in paths:
        print(f"  {name:<{width}}  {site}{path}", flush=True)
