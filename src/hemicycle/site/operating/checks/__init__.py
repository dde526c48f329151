"""The checks of `hemicycle doctor` and of the operations page. Set up Django before importing this.

The findings of checks in `AT_ONCE`, which the page shows too, are in the reader's language and name
no path or host.
"""

from typing import Final

from hemicycle.site.operating.checks import (
    backups,
    files,
    machine,
    public_address,
    recordings,
    relays,
    replication,
    services,
    webcast,
    work,
)
from hemicycle.site.operating.doctor import Check

FOLDER: Final = "data folder"

AT_ONCE: Final[dict[str, Check]] = {
    "disk": machine.disk_has_room,
    "clock": machine.clock_is_right,
    replication.NAME: replication.commits_are_copied,
    "media": services.engine_works,
    "recordings": recordings.recordings_are_removed,
    "turn": relays.relays_work,
    "processes": work.processes_work,
    "versions": work.versions_can_read_the_record,
    "outbox": work.letters_go_out,
    "mailroom": work.incoming_is_read,
    "jobs": work.jobs_are_done,
    "backup": backups.backups_are_made,
}
"""The checks for the operations page: each is instant or caches its findings."""

CHECKS: Final[dict[str, Check]] = {
    "settings": machine.settings_are_private,
    FOLDER: machine.folder_is_whole,
    "database": machine.database_is_ours,
    replication.NAME: replication.commits_are_copied,
    "keys": machine.keys_are_there,
    "disk": machine.disk_has_room,
    "files": files.files_can_be_stored,
    "deletions": files.files_are_deleted,
    webcast.NAME: webcast.webcast_can_be_published,
    "backup": backups.backups_are_made,
    "restore": backups.nothing_is_left_aside,
    "clock": machine.clock_is_right,
    "name": public_address.name_resolves,
    "certificate": public_address.certificate_is_valid,
    "mail certificate": public_address.mail_certificate_is_valid,
    "site": public_address.site_answers,
    "media": services.engine_listens,
    "recordings": recordings.recordings_are_removed,
    "turn": relays.relays_answer,
    "mail out": services.mail_goes_out,
    "mail in": services.mail_comes_in,
    "processes": work.processes_work,
    "versions": work.versions_can_read_the_record,
    "outbox": work.letters_go_out,
    "mailroom": work.incoming_is_read,
    "jobs": work.jobs_are_done,
    "model": services.model_answers,
    "operator": public_address.operator_is_named,
}
"""Every check by the name of its findings, in the order in which they run."""
