"""Checks of the services that a site uses: media engine, mail servers and language model."""

import smtplib
import socket
from collections.abc import Iterator, Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing import language_model
from hemicycle.hearing.language_model import ModelUnavailable
from hemicycle.mail.incoming import config as mailroom
from hemicycle.mail.incoming.receiving import imap
from hemicycle.mail.outgoing.delivery.sender import transport
from hemicycle.mail.outgoing.delivery.transport import Unreachable
from hemicycle.meeting.media_machines import health
from hemicycle.meeting.media_machines.health import MachineHealth
from hemicycle.site.operating.doctor import TIMEOUT_S, Diagnosis, Health, ok


def engine_listens() -> Iterator[Diagnosis]:
    """Check that the media engine answers; its ports for sound can only be tested from outside."""
    engine = settings.MEDIA_ENGINE
    host, port = engine.listen
    if machines := health.machines():
        yield from _machines(machines)
    elif not _listens(host, port):
        advice = "Start it with `hemicycle up` or `hemicycle media`."
        yield Diagnosis("media", Health.FAULT, f"no engine answers at {engine.url}", advice)
    else:
        yield ok("media", f"the engine answers at {engine.url}")
    advice = "From another network, open a practice room and check microphone and network."
    tcp = f" and TCP port {engine.tcp_port}" if engine.tcp_port else ""
    found = f"whether UDP port {engine.port}{tcp} are open from outside"
    yield Diagnosis("media port", Health.SKIPPED, found, advice)


def _machines(machines: Sequence[MachineHealth]) -> Iterator[Diagnosis]:
    """Report the state of each of several media machines, and errors in names and addresses."""
    for machine in machines:
        found = f"machine {machine.name} at {machine.url} runs {machine.hearings} hearings"
        if not machine.is_alive:
            advice = "Start `hemicycle media` there, or ignore it: it is forgotten after a week."
            found = f"machine {machine.name} has not asked for hearings for {machine.silent_s} s"
            yield Diagnosis("media", Health.FAULT, found, advice)
        elif not _listens(machine.url_host, machine.url_port):
            advice = "Give it the address at which web reaches it: HEMICYCLE_MEDIA_URL."
            found = f"no engine answers at {machine.url}, the address of machine {machine.name}"
            yield Diagnosis("media", Health.FAULT, found, advice)
        else:
            yield ok("media", f"{found}; it asked {machine.silent_s} s ago")
    for url, names in health.shared_addresses(machines).items():
        advice = "Give each machine an address of its own: HEMICYCLE_MEDIA_URL."
        found = f"machines {', '.join(names)} have the same address, {url}"
        yield Diagnosis("media", Health.FAULT, found, advice)
    if apart := _with_parts(machines):
        advice = (
            "Share HEMICYCLE_MEDIA_SEGMENTS among them, or set HEMICYCLE_WEBCAST_STORE: if a "
            "hearing moves to another machine, its recording contains only what the last machine "
            "recorded."
        )
        found = f"machines {apart} write recordings to different folders"
        yield Diagnosis("media", Health.WARNING, found, advice)
    if waiting := health.without_machine():
        advice = "Start another media machine, or one of those above."
        yield Diagnosis("media", Health.FAULT, f"{waiting} hearings have no machine", advice)


def _with_parts(machines: Sequence[MachineHealth]) -> str:
    """Return the names of machines that each record only their own part; "" if there are none."""
    return "" if settings.MEDIA_ENGINE.webcast_store else ", ".join(health.apart(machines))


def engine_works() -> Iterator[Diagnosis]:
    """Check that the media engines answer; findings name no addresses."""
    if machines := health.machines():
        yield from _machines_work(machines)
        return
    if _listens(*settings.MEDIA_ENGINE.listen):
        yield ok("media", _("the media engine answers"))
        return
    advice = _("Start it with `hemicycle up`, or with systemctl start hemicycle-media.")
    found = _("the media engine does not answer: in a meeting, nobody is heard or seen")
    yield Diagnosis("media", Health.FAULT, found, advice)


def _machines_work(machines: Sequence[MachineHealth]) -> Iterator[Diagnosis]:
    alive = [machine for machine in machines if machine.is_alive]
    for machine in alive:
        found = ngettext(
            "the media machine %(name)s runs %(count)s hearing",
            "the media machine %(name)s runs %(count)s hearings",
            machine.hearings,
        )
        yield ok("media", found % {"name": machine.name, "count": machine.hearings})
    advice = _("Start it with `hemicycle up`, or with systemctl start hemicycle-media.")
    for machine in machines:
        if not machine.is_alive:
            # Without any machine there is no sound; if one is lost, the others run its hearings.
            weight = Health.WARNING if alive else Health.FAULT
            found = _("the media machine %(name)s does not answer") % {"name": machine.name}
            yield Diagnosis("media", weight, found, advice)
    if names := _with_parts(machines):
        advice = _(
            "Share HEMICYCLE_MEDIA_SEGMENTS among them, or set HEMICYCLE_WEBCAST_STORE. Otherwise, "
            "if a hearing moves to another machine, its recording contains only what the last "
            "machine recorded."
        )
        found = _("the media machines %(names)s write recordings to different folders")
        yield Diagnosis("media", Health.WARNING, found % {"names": names}, advice)


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=TIMEOUT_S).close()
    except OSError:
        return False
    return True


def mail_goes_out() -> Iterator[Diagnosis]:
    """Check that the mail server accepts our credentials."""
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
    """Check that mailboxes can be read, and that this site receives mail."""
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
    """Check that the language model's server answers and has the model, if one is set."""
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
