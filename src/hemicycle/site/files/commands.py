"""`hemicycle files move`: copy the site's files to another place.

Exit status: 0 done; 1 some files are left, so run it again; 2 wrong options.
"""

import argparse
import json
import signal
import sys
import threading
from dataclasses import asdict

from django.conf import settings

from hemicycle.site.files import config, moving
from hemicycle.site.files.moving import Moved, MoveFault


def main(arguments: list[str]) -> int:
    """Move the files; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="hemicycle files",
        description="Copy all files of the site between the folder and a store with the S3 "
        "protocol, and verify each. It can be stopped, and goes on where it was. The site may run.",
    )
    parser.add_argument("action", choices=("move",), help="what to do")
    parser.add_argument(
        "--to",
        required=True,
        type=_place,
        metavar="PLACE",
        help=f"{config.FOLDER}, or s3://bucket/prefix",
    )
    parser.add_argument(
        "--from",
        dest="old",
        default=settings.FILES,
        type=_place,
        metavar="PLACE",
        help="where they lie now (by default where HEMICYCLE_FILES says)",
    )
    parser.add_argument(
        "--delete",
        action="store_true",
        help="delete them at the old place when all are at the new one, which the site uses",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    options = parser.parse_args(arguments)
    ended = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: ended.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        moved = moving.move(options.old, options.to, delete=options.delete, is_stopped=ended.is_set)
    except (MoveFault, OSError) as fault:
        print(f"hemicycle files: {fault}", file=sys.stderr)
        return 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if options.json:
        print(json.dumps({"from": options.old, "to": options.to, **asdict(moved)}))
    else:
        print(_told(options.old, options.to, moved))
    return int(bool(moved.left or moved.fault))


def _place(raw: str) -> str:
    try:
        return config.place(raw)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _told(old: str, new: str, moved: Moved) -> str:
    done = f"Copied {moved.copied} files ({moved.size / 2**20:.1f} MB) from {old} to {new}, and"
    lines = [f"{done} verified each. {moved.there} were there already."]
    if moved.lost:
        lines.append(
            f"{len(moved.lost)} files are at neither place: {', '.join(moved.lost[:5])}"
            f"{' …' if len(moved.lost) > 5 else ''}. Look for them in a backup."
        )
    if moved.fault:
        lines.append(moved.fault)
    if moved.left or moved.fault:
        lines.append(f"{moved.left} files are left. Run it again: it goes on from here.")
    elif moved.deleted:
        lines.append(f"Nothing is left. Deleted {moved.deleted} files at {old}.")
    elif new != settings.FILES:
        lines.append(
            f"Nothing is left. Now set HEMICYCLE_FILES to {new} for all processes, restart them, "
            f"and run: hemicycle files move --from {old} --to {new} --delete"
        )
    else:
        lines.append(f"Nothing is left. To delete the files at {old}, run it again with --delete.")
    return "\n".join(lines)
