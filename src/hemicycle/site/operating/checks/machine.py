"""Checks of this machine: its settings, data folder, keys, database, disk and clock."""

import shutil
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import ntplib
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from hemicycle import settings_sources as sources
from hemicycle import shared_clock
from hemicycle.record import database_clock, keys, renewal
from hemicycle.site.operating import running
from hemicycle.site.operating.doctor import TIMEOUT_S, Diagnosis, Health, ok
from hemicycle.site.operating.running import Heard
from hemicycle.site.processes import start_checks

LITTLE_BYTES, LEAST_BYTES = 5 * 2**30, 2**29
"""Bytes of free disk space below which there is a warning, and below which there is a fault."""
SECRET_LENGTH = 50


def settings_are_private() -> Iterator[Diagnosis]:
    """Check that other users cannot read the files with secrets."""
    given = sources.given()
    files = [*([given.file] if given.file else []), *given.secret_files.values()]
    for file in files:
        if stat.S_IMODE(file.stat().st_mode) & 0o007:
            advice = f"Run: chmod o= {file}"
            yield Diagnosis("settings", Health.WARNING, f"every user can read {file}", advice)


def folder_is_whole() -> Iterator[Diagnosis]:
    """Check that the data folder is complete."""
    folder: Path = settings.DATA_DIR
    if sentence := start_checks.missing_from_folder():
        yield Diagnosis("data folder", Health.FAULT, sentence)
    else:
        yield ok("data folder", f"{folder} is private and can be written")


def keys_are_there() -> Iterator[Diagnosis]:
    """Check that the keys can be used."""
    if len(settings.SECRET_KEY) < SECRET_LENGTH:
        found = f"the secret key has {len(settings.SECRET_KEY)} characters"
        yield Diagnosis("keys", Health.WARNING, found, "Run: hemicycle admin rotate-keys")
    if sentence := start_checks.missing_key():
        yield Diagnosis("keys", Health.FAULT, sentence)
        return
    if not settings.RECORD_KEY and not (settings.KEYS_DIR / "receipts.pem").exists():
        yield ok("keys", "the record's key will be made with the first record")
        return
    if others := renewal.records_of_other_keys():
        yield Diagnosis(
            "keys",
            Health.FAULT,
            f"the key at {keys.store().place} is not the one that {others} record(s) name",
            "All machines need the same key: bring that one here, set HEMICYCLE_RECORD_KEY to its "
            "place, or run `hemicycle renew-key --from` with it.",
        )
        return
    yield ok("keys", "the record's key can be used; keep a copy of it apart from the backups")


def database_is_ours() -> Iterator[Diagnosis]:
    """Check that the database answers and has the right version."""
    start_checks.reach()
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ("version()" if _is_postgresql() else "sqlite_version()"))
        (version,) = cursor.fetchone() or ("",)
    if fault := start_checks.newer_version() or start_checks.older_version():
        yield Diagnosis("database", Health.FAULT, fault.found, fault.advice)
    else:
        kind = "" if _is_postgresql() else "SQLite "
        yield ok("database", f"{kind}{version}, up to date")
    for fault in (start_checks.no_news(), start_checks.lost_statements()):
        if fault:
            yield Diagnosis("database", Health.FAULT, fault.found, fault.advice)


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def disk_has_room() -> Iterator[Diagnosis]:
    """Check how much space there is for uploads and recordings."""
    for folder in sorted({settings.DATA_DIR, settings.MEDIA_ENGINE.segments.parent}):
        if not folder.exists():
            continue
        free = shutil.disk_usage(folder).free
        found = _("%(size)s GB are free for %(folder)s") % {
            "size": f"{free / 2**30:.1f}",
            "folder": _("the data folder") if folder == settings.DATA_DIR else _("the webcast"),
        }
        advice = _("Make room: an hour of webcast in six languages takes about 0.9 GB.")
        if free < LEAST_BYTES:
            yield Diagnosis("disk", Health.FAULT, found, advice)
        elif free < LITTLE_BYTES:
            yield Diagnosis("disk", Health.WARNING, found, advice)
        else:
            yield ok("disk", found)


def clock_is_right() -> Iterator[Diagnosis]:
    """Check that the clocks of this machine, the database and the other machines agree."""
    if _is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            (told,) = cursor.fetchone() or (0,)
        yield clocks_agree(_("the database"), float(told))
        yield from _clock_of_new_server(database_clock.lead_ms(connection))
    yield from _clocks_of_others()


def _clock_of_new_server(lead_ms: int) -> Iterator[Diagnosis]:
    """Report a database server that has taken over with a different clock than its predecessor."""
    if not shared_clock.is_off(lead_ms):
        return
    said = (
        _("the clock of the database’s server is %(seconds)s s behind the site’s time")
        if lead_ms > 0
        else _("the clock of the database’s server is %(seconds)s s ahead of the site’s time")
    )
    advice = _(
        "Another database server has taken over, or somebody has set its clock. Set the clocks of "
        "all database servers by NTP. Speaking times go on as before; the site’s time approaches "
        "the server’s by 7 seconds an hour."
    )
    found = said % {"seconds": f"{abs(lead_ms) / 1000:.1f}"}
    yield Diagnosis("clock", Health.FAULT, found, advice)


def _clocks_of_others() -> Iterator[Diagnosis]:
    """Report the other machines with a clock that an operator should set."""
    here = socket.gethostname()
    wrong: dict[str, Heard] = {}
    for process in running.processes():
        if process.is_clock_off and process.machine != here:
            wrong[_("machine %(name)s") % {"name": process.machine}] = process
    for media in running.media():
        if media.is_clock_off:
            called = _("media machine %(name)s") % {"name": media.machine}
            wrong[called if media.machine else _("the media machine")] = media
    for called, heard in wrong.items():
        said = (
            _("%(machine)s: its clock is %(seconds)s s ahead of the database’s")
            if heard.clock_ahead_ms > 0
            else _("%(machine)s: its clock is %(seconds)s s behind the database’s")
        )
        found = said % {"machine": called, "seconds": f"{heard.clock_off_ms / 1000:.1f}"}
        advice = _(
            "Set it by NTP, for example with chrony or systemd-timesyncd. Until then, Hemicycle "
            "on that machine uses the database’s clock. If the clocks of all machines differ by "
            "the same amount, set the database’s clock."
        )
        yield Diagnosis("clock", Health.FAULT, found, advice)


def clock_agrees_with_ntp(server: str) -> Iterator[Diagnosis]:
    """Check this machine's clock against a time server (`host` or `host:port`)."""
    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "ntp")
    try:
        answer = ntplib.NTPClient().request(host, version=4, port=port, timeout=TIMEOUT_S)
    except (ntplib.NTPException, OSError) as error:
        found = f"no time server answers at {server} ({error})"
        advice = "Name another with --ntp, or see that the machine sets its clock by NTP."
        yield Diagnosis("clock", Health.SKIPPED, found, advice)
        return
    yield clocks_agree(f"the time server {host}", shared_clock.own_ms() / 1000 + answer.offset)


def clocks_agree(whose: str, told_s: float) -> Diagnosis:
    """Return a finding on another clock (seconds since the epoch) compared with this machine's."""
    off = abs(told_s - shared_clock.own_ms() / 1000)
    found = _("the clocks of %(whose)s and of this machine differ by %(seconds)s s") % {
        "whose": whose,
        "seconds": f"{off:.1f}",
    }
    if shared_clock.is_off(off * 1000):
        advice = _("Set both clocks by NTP, for example with chrony or systemd-timesyncd.")
        return Diagnosis("clock", Health.FAULT, found, advice)
    return ok("clock", found)
