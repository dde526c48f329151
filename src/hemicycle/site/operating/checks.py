"""The checks of `hemicycle doctor` and of the operations page. Django is set up before this is
imported.

What the page shows too (`AT_ONCE`) is in the reader's language and names no path or host.
"""

import shutil
import smtplib
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

import ntplib
from cryptography import x509
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle import settings_sources as sources
from hemicycle.hearing import language_model
from hemicycle.hearing.language_model import ModelUnavailable
from hemicycle.mail.incoming import config as mailroom
from hemicycle.mail.incoming.receiving import imap
from hemicycle.mail.outgoing.delivery.sender import transport
from hemicycle.mail.outgoing.delivery.transport import Unreachable
from hemicycle.meeting.room import turn
from hemicycle.record import clock, keys
from hemicycle.site import env
from hemicycle.site.backup import contents, status
from hemicycle.site.http import arrival
from hemicycle.site.http.arrival import ARRIVAL
from hemicycle.site.operating import queues, signs_of_life
from hemicycle.site.operating.doctor import Check, Diagnosis, Health
from hemicycle.site.operating.models import SignOfLife
from hemicycle.site.operating.queues import QueueState
from hemicycle.site.processes import start_checks

TIMEOUT_S = 5.0
LITTLE_BYTES, LEAST_BYTES = 5 * 2**30, 2**29
"""Free space on the disk that earns a warning, and that is a fault."""
SECRET_LENGTH = 50
MOST_OFF_S = 2.0
"""By how much two clocks may differ: deadlines and the floor's clock are in seconds."""
BACKUP_EVERY, COPY_EVERY = timedelta(days=2), timedelta(minutes=1)
"""How old the last backup, and the last look of the continuous copy, may be."""
RENEW_BEFORE = timedelta(days=14)
FORGED = "192.0.2.77"
"""An address that nobody has (RFC 5737): the doctor claims to come from it."""


def ok(check: str, found: str) -> Diagnosis:
    """A check that found nothing wrong."""
    return Diagnosis(check, Health.OK, found)


# ── This machine ──────────────────────────────────────────────────────────────────────────────
def settings_are_private() -> Iterator[Diagnosis]:
    """Whether other users can read the files that secrets are in."""
    given = sources.given()
    files = [*([given.file] if given.file else []), *given.secret_files.values()]
    for file in files:
        if stat.S_IMODE(file.stat().st_mode) & 0o007:
            advice = f"Run: chmod o= {file}"
            yield Diagnosis("settings", Health.WARNING, f"every user can read {file}", advice)


def folder_is_whole() -> Iterator[Diagnosis]:
    """Whether the data folder has what it had."""
    folder: Path = settings.DATA_DIR
    if sentence := start_checks.missing_from_folder():
        yield Diagnosis("data folder", Health.FAULT, sentence)
    else:
        yield ok("data folder", f"{folder} is private and can be written")


def keys_are_there() -> Iterator[Diagnosis]:
    """Whether the keys can be used."""
    if len(settings.SECRET_KEY) < SECRET_LENGTH:
        found = f"the secret key has {len(settings.SECRET_KEY)} characters"
        yield Diagnosis("keys", Health.WARNING, found, "Run: hemicycle admin rotate-keys")
    if sentence := start_checks.missing_key():
        yield Diagnosis("keys", Health.FAULT, sentence)
        return
    if not settings.RECORD_KEY and not (settings.KEYS_DIR / "receipts.pem").exists():
        yield ok("keys", "the record's key will be made with the first record")
        return
    keys.store().current()
    yield ok("keys", "the record's key can be used; keep a copy of it apart from the backups")


def database_is_ours() -> Iterator[Diagnosis]:
    """Whether the database answers and has the right version."""
    start_checks.reach()
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ("version()" if _is_postgresql() else "sqlite_version()"))
        (version,) = cursor.fetchone() or ("",)
    if fault := start_checks.newer_version() or start_checks.older_version():
        yield Diagnosis("database", Health.FAULT, fault.found, fault.advice)
    else:
        kind = "" if _is_postgresql() else "SQLite "
        yield ok("database", f"{kind}{version}, up to date")


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def disk_has_room() -> Iterator[Diagnosis]:
    """How much room there is for uploads and recordings."""
    for folder in sorted({settings.DATA_DIR, settings.MEDIA_ENGINE.segments.parent}):
        if not folder.exists():
            continue
        free = shutil.disk_usage(folder).free
        found = _("%(size)s GB are free for %(folder)s") % {
            "size": f"{free / 2**30:.1f}",
            "folder": _("the data folder") if folder == settings.DATA_DIR else _("the webcast"),
        }
        advice = _("Make room: an hour of webcast in six languages takes about 0.8 GB.")
        if free < LEAST_BYTES:
            yield Diagnosis("disk", Health.FAULT, found, advice)
        elif free < LITTLE_BYTES:
            yield Diagnosis("disk", Health.WARNING, found, advice)
        else:
            yield ok("disk", found)


def clock_is_right() -> Iterator[Diagnosis]:
    """Whether this machine and the database's agree about the time."""
    if not _is_postgresql():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        (told,) = cursor.fetchone() or (0,)
    yield clocks_agree(_("the database"), float(told))


def clock_agrees_with_ntp(server: str) -> Iterator[Diagnosis]:
    """Whether this machine's clock is right, by a time server (`host` or `host:port`)."""
    host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "ntp")
    try:
        answer = ntplib.NTPClient().request(host, version=4, port=port, timeout=TIMEOUT_S)
    except (ntplib.NTPException, OSError) as error:
        found = f"no time server answers at {server} ({error})"
        advice = "Name another with --ntp, or see that the machine sets its clock by NTP."
        yield Diagnosis("clock", Health.SKIPPED, found, advice)
        return
    yield clocks_agree(f"the time server {host}", clock.wall() / 1000 + answer.offset)


def clocks_agree(whose: str, told_s: float) -> Diagnosis:
    """Compare another clock, in seconds since the epoch, with this machine's."""
    off = abs(told_s - clock.wall() / 1000)
    found = _("the clocks of %(whose)s and of this machine differ by %(seconds)s s") % {
        "whose": whose,
        "seconds": f"{off:.1f}",
    }
    if off > MOST_OFF_S:
        advice = _("Set both clocks by NTP, for example with chrony or systemd-timesyncd.")
        return Diagnosis("clock", Health.FAULT, found, advice)
    return ok("clock", found)


# ── The site as others reach it ───────────────────────────────────────────────────────────────
def _site() -> SplitResult:
    return urlsplit(settings.BASE_URL)


def name_resolves() -> Iterator[Diagnosis]:
    """Whether the site's host name has an address."""
    host = _site().hostname or ""
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, None)}
    except OSError as error:
        advice = f"Add a DNS record for {host}, or correct HEMICYCLE_BASE_URL."
        yield Diagnosis("name", Health.FAULT, f"{host} has no address ({error})", advice)
        return
    yield ok("name", f"{host} is {', '.join(sorted(found))}")


def certificate_is_valid() -> Iterator[Diagnosis]:
    """Whether browsers accept the site's certificate, and for how long."""
    site = _site()
    if site.scheme != "https":
        if env.is_loopback(site.hostname or ""):
            return
        advice = "Put a proxy with TLS before it: browsers give cameras to https sites only."
        yield Diagnosis("certificate", Health.WARNING, "the site has no TLS", advice)
        return
    host, port = site.hostname or "", site.port or 443
    try:
        with (
            socket.create_connection((host, port), timeout=TIMEOUT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            raw = secured.getpeercert(binary_form=True) or b""
    except ssl.SSLCertVerificationError as error:
        advice = f"Let the proxy use a valid certificate for {host}, with its whole chain."
        found = f"browsers refuse it: {error.verify_message.rstrip('.')}"
        yield Diagnosis("certificate", Health.FAULT, found, advice)
    except OSError as error:
        advice = "Start the proxy, and open its port in the firewall."
        yield Diagnosis("certificate", Health.FAULT, f"{host}:{port} gives none: {error}", advice)
    else:
        yield lifetime("certificate", raw)


def lifetime(check: str, raw: bytes) -> Diagnosis:
    """Judge how long a certificate (DER) is valid."""
    until = x509.load_der_x509_certificate(raw).not_valid_after_utc
    left = until - datetime.now(UTC)
    found = f"valid until {until:%Y-%m-%d}"
    if left < timedelta():
        return Diagnosis(check, Health.FAULT, f"expired on {until:%Y-%m-%d}", "Renew it.")
    if left < RENEW_BEFORE:
        return Diagnosis(check, Health.WARNING, found, "Renew it, and automate that.")
    return ok(check, found)


def mail_certificate_is_valid() -> Iterator[Diagnosis]:
    """Whether the certificate for incoming mail is valid."""
    file = mailroom.current().certificate
    if file:
        first = x509.load_pem_x509_certificates(file.read_bytes())[0]
        from cryptography.hazmat.primitives.serialization import Encoding

        yield lifetime("mail certificate", first.public_bytes(Encoding.DER))


def site_answers() -> Iterator[Diagnosis]:
    """Whether the public address leads here, with the right headers of the proxy."""
    site = _site()
    if not (answer := _fetched(site, "/sign-in/")) or not (time := _fetched(site, "/time")):
        advice = "Start it with `hemicycle up`, and see that the proxy leads there."
        yield Diagnosis("site", Health.FAULT, f"{settings.BASE_URL} does not answer", advice)
        return
    status = answer.status
    if status == 400:
        advice = f"Let the proxy pass the Host header, or add {site.hostname} to HEMICYCLE_HOSTS."
        yield Diagnosis("site", Health.FAULT, f"{settings.BASE_URL} answers 400", advice)
        return
    if status != 200:
        advice = "Look at the site's and the proxy's log."
        yield Diagnosis("site", Health.FAULT, f"{settings.BASE_URL} answers {status}", advice)
        return
    yield ok("site", f"{settings.BASE_URL} answers")
    if time.text.isdecimal():
        yield clocks_agree(_("the site"), int(time.text) / 1000)
    if site.scheme == "https" or not env.is_loopback(site.hostname or ""):
        # Without a proxy we come from this machine's own address, which may be a proxy's.
        yield from _visitors_are_told_apart(time)
    if site.scheme == "https" and time.scheme != "https":
        advice = (
            "Let the proxy send X-Forwarded-Proto, and name its address in "
            "HEMICYCLE_TRUSTED_PROXIES."
        )
        found = "requests by https arrive as http, so cookies and limits fail"
        yield Diagnosis("proxy", Health.FAULT, found, advice)
    elif site.scheme == "https":
        yield ok("proxy", "it passes on the scheme")


def _visitors_are_told_apart(time: "Fetched") -> Iterator[Diagnosis]:
    """Whether the site sees the address from which a request comes, and no forged one."""
    if not time.seen_from:
        return
    if time.seen_from == FORGED:
        advice = "Let the proxy replace the X-Forwarded-For that visitors send, not pass it on."
        found = "visitors can choose the address by which they are limited"
        yield Diagnosis("proxy", Health.FAULT, found, advice)
    elif time.seen_from != time.sent_from and _is_trusted_proxy(time.seen_from):
        advice = "Let the proxy send X-Forwarded-For with the visitor's address."
        found = f"all visitors seem to come from the proxy, {time.seen_from}, and share its limits"
        yield Diagnosis("proxy", Health.FAULT, found, advice)
    else:
        yield ok("proxy", "it passes on the visitor's address")


def _is_trusted_proxy(address: str) -> bool:
    return any(
        ip_address(address) in ip_network(trusted, strict=False)
        for trusted in settings.TRUSTED_PROXIES
    )


class Fetched(NamedTuple):
    """An answer of the site: status, how the request arrived there, and the first bytes."""

    status: int
    scheme: str
    text: str
    sent_from: str
    """The address of this end of the connection."""
    seen_from: str
    """The address from which it came by what the site sees; "" if the site does not say."""


def _fetched(site: SplitResult, path: str) -> Fetched | None:
    """Fetch a page of the site; None if nothing answers."""
    host, port = site.hostname or "", site.port
    # A wrong certificate is a finding of its own: this one asks who answers.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    link = (
        HTTPSConnection(host, port or 443, timeout=TIMEOUT_S, context=context)
        if site.scheme == "https"
        else HTTPConnection(host, port or 80, timeout=TIMEOUT_S)
    )
    with closing(link):
        try:
            headers = {"Accept": "text/html", "X-Forwarded-For": FORGED}
            link.request("GET", path, headers=headers | {ARRIVAL: arrival.question()})
            sent_from = link.sock.getsockname()[0]
            answer = link.getresponse()
            text = answer.read(100).decode("ascii", "replace")
        except (OSError, HTTPException):
            return None
        scheme, seen_from = (answer.getheader(name, "") for name in ("X-Arrived-By", ARRIVAL))
        return Fetched(answer.status, scheme, text, sent_from, seen_from)


def engine_listens() -> Iterator[Diagnosis]:
    """Whether the media engine answers; its port can only be tried from outside."""
    engine = settings.MEDIA_ENGINE
    host, port = engine.listen
    if not _listens(host, port):
        advice = "Start it with `hemicycle up` or `hemicycle media`."
        yield Diagnosis("media", Health.FAULT, f"no engine answers at {engine.url}", advice)
    else:
        yield ok("media", f"the engine answers at {engine.url}")
    advice = "From another network, open a practice room and check microphone and network."
    tcp = f" and TCP port {engine.tcp_port}" if engine.tcp_port else ""
    found = f"whether UDP port {engine.port}{tcp} are open from outside"
    yield Diagnosis("media port", Health.SKIPPED, found, advice)


def relays_answer() -> Iterator[Diagnosis]:
    """Whether each TURN server takes connections; those by UDP alone are not tried."""
    for url in settings.TURN.urls:
        host, port, transport = turn.parse_url(url)
        if transport == "udp":
            found = f"whether {url} answers: it is asked by UDP alone"
            advice = "Name the server by TCP and TLS as well: where UDP is blocked, only they help."
            yield Diagnosis("turn", Health.SKIPPED, found, advice)
        elif _listens(host, port):
            yield ok("turn", f"a server answers at {url}")
        else:
            advice = "Start the TURN server, and open its port; or correct HEMICYCLE_TURN_URLS."
            yield Diagnosis("turn", Health.FAULT, f"no server answers at {url}", advice)


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=TIMEOUT_S).close()
    except OSError:
        return False
    return True


# ── Mail ──────────────────────────────────────────────────────────────────────────────────────
def mail_goes_out() -> Iterator[Diagnosis]:
    """Whether the mail server takes our sign-in."""
    way = transport()
    if way is None:
        advice = "Set HEMICYCLE_SMTP_URL; until then letters wait in the outbox."
        yield Diagnosis("mail out", Health.WARNING, "no mail server is set", advice)
        return
    try:
        way.open()
    except Unreachable as error:
        advice = "Check HEMICYCLE_SMTP_URL: host, port, user and password."
        yield Diagnosis("mail out", Health.FAULT, f"the server refuses: {error}", advice)
    else:
        yield ok("mail out", "the server answers; try it with: hemicycle admin test-letter ADDRESS")
    finally:
        way.close()


def mail_comes_in() -> Iterator[Diagnosis]:
    """Whether mailboxes can be read, and whether mail is taken in here."""
    config = mailroom.current()
    for box in config.imap:
        try:
            with imap.connected(box):
                yield ok("mail in", f"{box.name} can be read")
        except imap.TROUBLE as error:
            advice = "Check HEMICYCLE_MAILROOM_IMAP: host, user, password and folder."
            yield Diagnosis("mail in", Health.FAULT, f"{box.name}: {error}", advice)
    for protocol, place in (("SMTP", config.smtp), ("LMTP", config.lmtp)):
        if place is None:
            continue
        host, port = place
        found = f"{protocol} at {host}:{port}"
        if _greets(host, port):
            yield ok("mail in", f"{found} answers")
        else:
            advice = "Start it with `hemicycle up` or `hemicycle mail`."
            yield Diagnosis("mail in", Health.WARNING, f"{found} does not answer", advice)


def _greets(host: str, port: int) -> bool:
    try:
        with smtplib.SMTP(host, port, timeout=TIMEOUT_S) as link:
            return link.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False


def model_answers() -> Iterator[Diagnosis]:
    """Whether the language model's server answers and has the model, where one is set up."""
    if not language_model.is_set_up():
        return
    try:
        names = language_model.models(TIMEOUT_S)
    except ModelUnavailable as error:
        advice = "Notes are read and summaries drafted without it. Correct HEMICYCLE_MODEL_URL."
        yield Diagnosis("model", Health.WARNING, error.sentence, advice)
        return
    if settings.MODEL_NAME in names or settings.MODEL_NAME == "default":
        yield ok("model", f"the server at {language_model.host()} answers")
    else:
        found = f"the server at {language_model.host()} has no model {settings.MODEL_NAME}"
        yield Diagnosis("model", Health.WARNING, found, "Set HEMICYCLE_MODEL_NAME.")


def operator_is_named() -> Iterator[Diagnosis]:
    """Whether a public site says who operates it."""
    if not settings.PUBLIC:
        return
    wanted = ("OPERATOR_NAME", "OPERATOR_ADDRESS", "CONTACT_EMAIL", "SECURITY_CONTACT")
    missing = [f"HEMICYCLE_{name}" for name in wanted if not getattr(settings, name)]
    if missing:
        advice = f"Set {', '.join(missing)}: docs/about-pages.md says what for."
        found = "the imprint and the pages beside it do not say who operates the site"
        yield Diagnosis("operator", Health.WARNING, found, advice)
    else:
        yield ok("operator", f"{settings.OPERATOR_NAME}, {settings.CONTACT_EMAIL}")


# ── Backups ───────────────────────────────────────────────────────────────────────────────────
def backups_are_made() -> Iterator[Diagnosis]:
    """Whether the last backup, the continuous copy and the last verification went well."""
    attempts = status.read(settings.DATA_DIR)
    for kind, name in (
        (status.BACKUP, _("the last backup")),
        (status.STREAM, _("the continuous copy")),
        (status.CHECK, _("the last verification of a backup")),
    ):
        if (attempt := attempts.get(kind)) and attempt.fault:
            found = _("%(what)s failed: %(fault)s") % {"what": name, "fault": attempt.fault}
            yield Diagnosis("backup", Health.FAULT, found, _since(attempt))
    now = datetime.now(UTC)
    copied = attempts.get(status.STREAM)
    if copied and not copied.fault:
        told = {"place": copied.to, "time": copied.done_at}
        if now - datetime.fromisoformat(copied.tried_at) < COPY_EVERY:
            found = _("copied continuously to %(place)s, last at %(time)s") % told
            yield ok("backup", found)
            return
        found = _("the continuous copy to %(place)s has stopped, last at %(time)s") % told
        advice = _("Start `hemicycle backup --continuous` again, and let systemd keep it running.")
        yield Diagnosis("backup", Health.FAULT, found, advice)
    made = attempts.get(status.BACKUP)
    advice = _("Run: hemicycle backup --to FOLDER --key FILE.pub (docs/backup.md), every night.")
    if made is None or not made.done_at:
        if copied is None:
            yield Diagnosis("backup", Health.WARNING, _("no backup was made yet"), advice)
        return
    told = {"place": made.to, "time": made.done_at}
    if now - datetime.fromisoformat(made.done_at) > BACKUP_EVERY:
        found = _("the last backup is of %(time)s, at %(place)s") % told
        yield Diagnosis("backup", Health.WARNING, found, advice)
    elif not made.fault:
        yield ok("backup", _("the last backup is of %(time)s, at %(place)s") % told)


def _since(attempt: status.BackupAttempt) -> str:
    if not attempt.done_at:
        return _("None was good before. Do what the sentence says, and run it again.")
    return _("The last good one is of %(time)s. Do what the sentence says, and run it again.") % {
        "time": attempt.done_at
    }


def nothing_is_left_aside() -> Iterator[Diagnosis]:
    """Whether a restore's old folder, which has personal data, should be deleted."""
    for folder in sorted(settings.DATA_DIR.glob(f"{contents.ASIDE}*")):
        day = contents.delete_by(folder.name)
        if day is None:
            continue
        is_late = datetime.now(UTC).date() > day
        found = f"{folder} has personal data from before a restore"
        advice = f"Delete it by {day}, when the restored site has everything: rm -r {folder}"
        yield Diagnosis("restore", Health.FAULT if is_late else Health.WARNING, found, advice)


# ── What works beside the pages, and what waits for it ────────────────────────────────────────
LATE = timedelta(minutes=10)
"""Nothing should wait for this long: the alerts of `deploy/prometheus` say the same."""


def processes_work() -> Iterator[Diagnosis]:
    """Whether the worker and the mail process have given signs of life of late."""
    ages = signs_of_life.ages()
    for name, called in (
        (SignOfLife.Name.WORKER, _("the worker")),
        (SignOfLife.Name.MAIL, _("the mail process")),
    ):
        start = _("Start it with `hemicycle up`, or with systemctl start hemicycle-%(name)s.")
        advice = start % {"name": name.value}
        if name not in ages:
            found = _("%(process)s has not run yet") % {"process": called}
            yield Diagnosis("processes", Health.WARNING, found, advice)
        elif ages[name] > signs_of_life.SILENT_AFTER:
            found = _("%(process)s has given no sign of life for %(time)s") % {
                "process": called,
                "time": _time(ages[name]),
            }
            yield Diagnosis("processes", Health.FAULT, found, advice)
        else:
            yield ok("processes", _("%(process)s runs") % {"process": called})


def engine_works() -> Iterator[Diagnosis]:
    """Whether the media engine answers, without its address."""
    if _listens(*settings.MEDIA_ENGINE.listen):
        yield ok("media", _("the media engine answers"))
        return
    advice = _("Start it with `hemicycle up`, or with systemctl start hemicycle-media.")
    found = _("the media engine does not answer: in a meeting, nobody is heard or seen")
    yield Diagnosis("media", Health.FAULT, found, advice)


def letters_go_out() -> Iterator[Diagnosis]:
    """Whether letters wait for too long."""
    queue = queues.letters()
    said = ngettext("%(n)s letter waits to be sent", "%(n)s letters wait to be sent", queue.number)
    advice = _("Run `hemicycle doctor`, which tries the mail server; the outbox has its answers.")
    yield _judged("outbox", queue, said, _("no letter waits to be sent"), advice)


def incoming_is_read() -> Iterator[Diagnosis]:
    """Whether letters that came in are read."""
    queue = queues.incoming()
    said = ngettext(
        "%(n)s letter that came in has not been read",
        "%(n)s letters that came in have not been read",
        queue.number,
    )
    advice = _("Restart the mail process; its log says why a letter fails.")
    yield _judged("mailroom", queue, said, _("each letter that came in has been read"), advice)


def jobs_are_done() -> Iterator[Diagnosis]:
    """Whether work for the worker waits for too long."""
    found = [queues.jobs(), queues.tasks()]
    queue = QueueState(sum(one.number for one in found), max(one.oldest for one in found))
    said = ngettext(
        "%(n)s task waits for the worker", "%(n)s tasks wait for the worker", queue.number
    )
    advice = _("Restart the worker. If it is busy, start another one.")
    yield _judged("jobs", queue, said, _("no task waits for the worker"), advice)


def _judged(check: str, queue: QueueState, said: str, nothing: str, advice: str) -> Diagnosis:
    if not queue.number:
        return ok(check, nothing)
    found = _("%(what)s, the oldest for %(time)s") % {
        "what": said % {"n": queue.number},
        "time": _time(queue.oldest),
    }
    return (
        Diagnosis(check, Health.WARNING, found, advice) if queue.oldest > LATE else ok(check, found)
    )


def _time(age: timedelta) -> str:
    days, minutes = age.days, age.seconds // 60
    if days:
        return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if minutes >= 60:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    if minutes:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return _("less than a minute")


AT_ONCE: Final[dict[str, Check]] = {
    "disk": disk_has_room,
    "clock": clock_is_right,
    "media": engine_works,
    "processes": processes_work,
    "outbox": letters_go_out,
    "mailroom": incoming_is_read,
    "jobs": jobs_are_done,
    "backup": backups_are_made,
}
"""The checks that take no time, for the operations page."""

CHECKS: Final[dict[str, Check]] = {
    "settings": settings_are_private,
    "data folder": folder_is_whole,
    "database": database_is_ours,
    "keys": keys_are_there,
    "disk": disk_has_room,
    "backup": backups_are_made,
    "restore": nothing_is_left_aside,
    "clock": clock_is_right,
    "name": name_resolves,
    "certificate": certificate_is_valid,
    "mail certificate": mail_certificate_is_valid,
    "site": site_answers,
    "media": engine_listens,
    "turn": relays_answer,
    "mail out": mail_goes_out,
    "mail in": mail_comes_in,
    "processes": processes_work,
    "outbox": letters_go_out,
    "mailroom": incoming_is_read,
    "jobs": jobs_are_done,
    "model": model_answers,
    "operator": operator_is_named,
}
"""Every check by the name of its findings, in the order in which they are made."""
