"""`hemicycle export SLUG --to DIR [--zip] [--public]`: a hearing as a folder or a zip."""

import argparse
import json
import sys
from pathlib import Path

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.archive import export
from hemicycle.record import keys


def main(argv: list[str]) -> int:
    """Write the archive; return 0, or 1 if it could not be written."""
    options = _options(argv)
    hearing = Hearing.objects.filter(slug=options.hearing).first()
    if hearing is None:
        known = ", ".join(Hearing.objects.order_by("slug").values_list("slug", flat=True))
        print(
            f"There is no hearing “{options.hearing}”. There are: {known or 'none'}.",
            file=sys.stderr,
        )
        return 1
    name = export.name_of(hearing, public=options.public)
    target = options.to / (f"{name}.zip" if options.zip else name)
    try:
        options.to.mkdir(parents=True, exist_ok=True)
        write = export.write_zip if options.zip else export.write_folder
        count = write(hearing, target, public=options.public)
    except (export.ArchiveRefused, OSError) as error:
        print(f"Not written: {error}", file=sys.stderr)
        return 1
    key = keys.fingerprint()
    if options.json:
        print(json.dumps({"archive": str(target), "files": count, "key": key}))
    else:
        print(f"{target}: {count} files. Check it with: hemicycle verify {target} --key {key}")
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="hemicycle export",
        description="Write a hearing out as a folder that reads without Hemicycle.",
    )
    parser.add_argument("hearing", help="the hearing's short address")
    parser.add_argument("--to", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--zip", action="store_true", help="one zip instead of a folder")
    parser.add_argument(
        "--public",
        action="store_true",
        help="only what the public may have: released and published statements, public names",
    )
    parser.add_argument("--json", action="store_true", help="print where it is as JSON")
    return parser.parse_args(argv)
