"""`hemicycle rehearse`: plays a whole hearing with synthetic people, at any speed.

At the speed `max`, everything is played in virtual time in a temporary database, and the figures
are printed. If the speed is a number, the weeks before are played at once and the meetings are held
now, that many times faster than real time, in the database of this installation: open the pages of
a running server to watch. If its media engine runs, speakers can be seen and heard. Exit status: 0
played and verified; 1 the record is invalid; 2 nothing could be played.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from hemicycle.site.rehearsal import django_setup

PLAYED, BROKEN, CANNOT = 0, 1, 2
FASTEST = 60.0


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = _parser().parse_args(argv)
    options.json |= options.format == "json"
    at_once = options.speed is None
    if at_once and not options.database:
        if options.keep is not None:
            options.keep.mkdir(parents=True, exist_ok=True)
        with django_setup.own_database(options.keep):
            return _guarded(_at_once, options)
    django_setup.attach(options.database)
    return _guarded(_at_once if at_once else _live, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle rehearse",
        description="Play a whole hearing with synthetic organizations, people and statements.",
    )
    parser.add_argument("--registrations", type=_count, default=150, help="registrations (150)")
    parser.add_argument(
        "--statements",
        type=_count,
        default=None,
        metavar="N",
        help="written statements submitted (only with --speed max; default: about half as many as "
        "speakers)",
    )
    parser.add_argument(
        "--ago",
        type=_count,
        default=None,
        metavar="DAYS",
        help="with --speed max: move the hearing so that it ended this many days ago; without it, "
        "people may be due for erasure, and a server started on the data erases them",
    )
    parser.add_argument("--seed", type=int, default=1, help="same seed, same course (1)")
    parser.add_argument(
        "--speed",
        type=_speed,
        default=None,
        metavar="max|N",
        help="max: at once, on virtual time (default); 1: real time; 10: ten times as fast",
    )
    parser.add_argument(
        "--no-media",
        action="store_true",
        help="with --speed 1 to 10: leave out the people with picture and sound",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="json: the same as --json"
    )
    parser.add_argument("--hearing", type=Path, metavar="FILE.toml", help="play another hearing")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the database in this folder")
    parser.add_argument("--database", default="", metavar="URL", help="play in this database")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 20_000:
        raise argparse.ArgumentTypeError("give a whole number from 1 to 20000")
    return int(text)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= FASTEST:
        raise argparse.ArgumentTypeError(f"give max, or a number from 0.1 to {FASTEST:g}")
    return speed


def _guarded(play: Any, options: argparse.Namespace) -> int:
    from hemicycle.hearing.setup.schema import InvalidDocument

    try:
        code: int = play(options)
    except (InvalidDocument, OSError) as error:
        print(f"hemicycle rehearse: {error}", file=sys.stderr)
        return CANNOT
    return code


def _hearing(options: argparse.Namespace) -> Any:
    """Return the hearing to play. Its file is checked before the database is created."""
    from hemicycle.site.rehearsal import scenes

    document = scenes.read(options.hearing)
    scenes.check(document)
    django_setup.migrate()
    return document


def _at_once(options: argparse.Namespace) -> int:
    from hemicycle.record import clock
    from hemicycle.site.rehearsal import play, scenes

    document = _hearing(options)
    if options.ago is not None:
        document = scenes.ended_ago(document, options.ago, clock.now().date())
    begun = time.perf_counter()
    figures = play.through(
        document,
        seed=options.seed,
        registrations=options.registrations,
        statements=options.statements,
        tell=_progress(options),
    )
    if options.statements and figures["statements"] < options.statements:
        print(_too_few(options.statements, figures["statements"]), file=sys.stderr)
        return CANNOT
    figures |= {"speed": "max", "seconds": round(time.perf_counter() - begun, 1)}
    return _show(figures, options)


def _too_few(wanted: int, came: int) -> str:
    return (
        f"hemicycle rehearse: only {came} of {wanted} statements came, one from each place "
        "and from each of the others. Give more --registrations."
    )


def _live(options: argparse.Namespace) -> int:
    from django.conf import settings

    from hemicycle.site.rehearsal import live, seed
    from hemicycle.site.rehearsal.performers_process import FASTEST, PerformersProcess

    document = _hearing(options)
    begun, tell = time.perf_counter(), _progress(options)
    tell("Playing the weeks before …")
    rehearsal = live.prepared(
        document,
        seed=options.seed,
        registrations=options.registrations,
        speed=options.speed,
        tell=tell,
    )
    ways = [*live.addresses(rehearsal.hearing), *seed.ways_in(rehearsal.hearing)]
    width = max(len(name) for name, _ in ways)
    for name, path in ways:
        tell(f"  {name:<{width}}  {settings.BASE_URL}{path}")
    tell("The first panel begins now. Stop with Ctrl-C; the record stays as it is then.")
    performers_process = PerformersProcess(rehearsal.hearing.id)
    if not options.no_media and options.speed <= FASTEST:
        performers_process.begin(settings.BASE_URL)
    try:
        live.hold(rehearsal)
    except KeyboardInterrupt:
        tell("\nStopped.")
    finally:
        performers_process.close()
    figures = rehearsal.figures()
    figures |= {"speed": options.speed, "seconds": round(time.perf_counter() - begun, 1)}
    return _show(figures, options)


def _progress(options: argparse.Namespace) -> Any:
    """Print progress on standard error, separate from the results."""
    file = sys.stderr if options.json else sys.stdout
    return lambda sentence: print(sentence, file=file, flush=True)


def _show(figures: dict[str, Any], options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({"registrations": options.registrations, **figures}, ensure_ascii=False))
    else:
        print("\n".join(_lines(figures)))
    return PLAYED if figures["verification"]["holds"] else BROKEN


def _lines(figures: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in figures.items():
        words = name.replace("_", " ").replace("-", " ")
        if isinstance(value, dict):
            lines += [f"{indent}{words}", *_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{words:<{28 - len(indent)}} {'—' if value is None else value}")
    return lines
