"""The last step of a restore, in a separate process with the restored folder's settings.

It loads a dump into PostgreSQL, brings the database up to date, and erases again the people
who were erased since the backup. Its output is one line of JSON.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from hemicycle.site.backup.faults import BackupFault
from hemicycle.site.processes import start_errors


def main(arguments: list[str]) -> int:
    """Finish the database of a restored folder; return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", type=Path)
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
    try:
        print(json.dumps(_finish(options.dump)))
    except BackupFault as fault:
        print(fault, file=sys.stderr)
        return 1
    except Exception as error:
        if (status := start_errors.tell(error)) is None:
            raise
        return status
    return 0


def _finish(dump: Path | None) -> dict[str, int]:
    import django

    django.setup()
    from django.core.management import call_command

    from hemicycle.before.registration import housekeeping
    from hemicycle.hearing.people.models import Person
    from hemicycle.record import direct_connection, erased_list
    from hemicycle.site.backup import database

    if dump:
        database.restore_postgresql(dump, direct_connection.parameters())
    call_command("migrate", verbosity=0)
    erased = housekeeping.erase_again()
    left = {person for _, person in erased_list.brought_back()}
    return {"erased": erased, "unfinished": Person.objects.filter(pk__in=left).count()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
