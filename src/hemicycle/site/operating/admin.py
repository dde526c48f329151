"""`hemicycle admin`: people, roles, hearings, recordings, mail and keys, for a site's operator.

It uses the same actions as the office's pages, so the record and the security log name what it
does, as done by `system:admin`. Exit status: 0 done; 2 refused.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import override

from hemicycle.hearing.people import actions as people
from hemicycle.hearing.people import officers
from hemicycle.hearing.people.actions import GIVEN
from hemicycle.hearing.people.models import WHOLE_OFFICE, Appointment, Person, Role
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.schema import InvalidDocument
from hemicycle.meeting.media_machines import removals
from hemicycle.record.writer import Actor
from hemicycle.site.operating import lost_recordings, removal, secret_keys, trial_letter
from hemicycle.site.operating.lost_recordings import NotLost
from hemicycle.site.operating.trial_letter import NotSent

ADMIN = Actor.system("admin")

WHAT_GOES_TOO = """
Its files, mail, archives and recordings go too, and people who work for no other hearing.
Its record can then be verified from copies only, such as an archive (`hemicycle export`).
Backups and copies elsewhere stay. To cancel the hearing and keep its record, use `end` instead."""
"""The text of `admin hearing SLUG delete` before its question."""


class AdminRefused(Exception):
    """The command cannot do this; the message says why, and what to do."""


def main(arguments: list[str]) -> int:
    """Run a subcommand; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        with override("en"):
            found = options.act(options)
    except (AdminRefused, NotLost, NotSent, InvalidDocument) as error:
        print(f"hemicycle admin: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for line in _as_lines(found):
            print(line)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    top = argparse.ArgumentParser(
        prog="hemicycle admin", description="Manage people, roles, hearings, mail and keys."
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print the result as JSON")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, act: Any, meaning: str) -> argparse.ArgumentParser:
        own = commands.add_parser(name, parents=[common], help=meaning, description=meaning)
        own.set_defaults(act=act)
        return own

    own = command("create", _create, "Make an administrator, and print their sign-in link.")
    own.add_argument("address", help="e-mail address")
    own.add_argument("--name", required=True)
    command("list", _list, "List staff and administrators.")
    for name, act, meaning in (
        ("disable", _disable, "Refuse a person every sign-in; their roles stay."),
        ("enable", _enable, "Let a person who was disabled sign in again."),
        ("reset", _reset, "End all keys and sessions of a person, and send them a new link."),
        ("link", _link, "Print a sign-in link for a person. It works once."),
    ):
        command(name, act, meaning).add_argument("address", help="e-mail address")
    own = command("role", _role, "Give or take a role in a hearing, or the administrator's right.")
    own.add_argument("address", help="e-mail address")
    own.add_argument("--hearing", metavar="SLUG", help="needed for every role but administrator")
    own.add_argument("--name", default="", help="name of a person who is not here yet")
    roles = (*(role.value for role in GIVEN), people.ADMINISTRATOR)
    which = own.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--give",
        choices=roles,
        metavar="ROLE",
        help=", ".join(roles) + "; secretariat: with all duties",
    )
    which.add_argument("--take", choices=roles, metavar="ROLE")
    own = command("hearing", _hearing, "Postpone, end or delete a hearing, or keep its dates.")
    own.add_argument("slug", help="short address of the hearing")
    own.add_argument(
        "change",
        choices=("postpone", "keep-dates", "end", "delete"),
        help="end: close it for good, or cancel it if it was not held; its pages and record stay. "
        "delete: remove it with its people, mail, files, recordings and its record",
    )
    own.add_argument(
        "--yes-delete", metavar="SLUG", help="delete without a question; name the hearing again"
    )
    own = command("test-letter", _test_letter, "Send a letter now, and print the server's answer.")
    own.add_argument("address", help="e-mail address")
    own = command(
        "lost-recordings",
        _lost_recordings,
        "Say that a media machine's recordings no longer exist: cuts stop waiting for them.",
    )
    own.add_argument("machine", help="its name (HEMICYCLE_MEDIA_MACHINE)")
    command("rotate-keys", _rotate, "Make a new secret key; what the old one signed stays valid.")
    return top


def _as_lines(found: Any) -> Iterator[str]:
    if isinstance(found, list):
        for row in found:
            roles = ", ".join(f"{role['role']} ({role['hearing']})" for role in row["roles"])
            marks = [
                *(["administrator"] if row["administrator"] else []),
                *([] if row["active"] else ["disabled"]),
                *([roles] if roles else []),
            ]
            yield f"{row['name']} <{row['address']}>: {', '.join(marks)}"
        if not found:
            yield "Nobody works here yet. Begin with: hemicycle init"
        return
    yield found["done"]
    if link := found.get("link"):
        yield f"Sign in once, within seven days: {link}"


# ── People ────────────────────────────────────────────────────────────────────────────────────
def checked_address(address: str) -> str:
    """Return a valid e-mail address; raise `AdminRefused` for others."""
    try:
        validate_email(address)
    except ValidationError as error:
        raise AdminRefused(
            f"“{address}” is not an e-mail address; it should look like name@hearing.example."
        ) from error
    return address


def create(*, name: str, address: str) -> dict[str, Any]:
    """Create an administrator; return a sentence and the sign-in link."""
    if not name.strip():
        raise AdminRefused("Give the name of the administrator.")
    person = people.make_administrator(
        name=name.strip(), email=checked_address(address), actor=ADMIN
    )
    return {"done": f"{person.name} is an administrator.", "link": _link_of(person)}


def _create(options: argparse.Namespace) -> dict[str, Any]:
    return create(name=options.name, address=options.address)


def _link_of(person: Person) -> str:
    if not person.is_active:
        raise AdminRefused(f"{person.name} is disabled. First: hemicycle admin enable ADDRESS")
    start = reverse("hearing:mine")
    site: str = settings.BASE_URL
    return site + people.issue_link(person=person, next_url=start, actor=ADMIN)


def _list(options: argparse.Namespace) -> list[dict[str, Any]]:
    slugs = dict(Hearing.objects.values_list("id", "slug"))
    works = Q(appointments__role__in=GIVEN) | Q(is_administrator=True)
    found = Person.objects.filter(works).distinct().order_by("name", "created_at")
    held: dict[Any, list[dict[str, str]]] = {}
    for row in Appointment.every.filter(role__in=GIVEN).order_by("role"):
        role = {"role": row.role, "hearing": slugs.get(row.hearing_id, "")}
        held.setdefault(row.person_id, []).append(role)
    return [
        {
            "name": person.name,
            "address": person.email,
            "active": person.is_active,
            "administrator": person.is_administrator,
            "roles": held.get(person.pk, []),
        }
        for person in found
    ]


def _found(address: str) -> list[Person]:
    found = list(people.staff_at(address))
    if not found:
        raise AdminRefused(f"Nobody works here under {address}. See: hemicycle admin list")
    return found


def _done(persons: list[Person], what: str) -> dict[str, Any]:
    return {"done": "\n".join(f"{person.name}: {what}" for person in persons)}


def _disable(options: argparse.Namespace) -> dict[str, Any]:
    found = _found(options.address)
    for person in found:
        people.disable(person=person, actor=ADMIN)
    return _done(found, "disabled; sessions, links and keys have ended.")


def _enable(options: argparse.Namespace) -> dict[str, Any]:
    found = _found(options.address)
    for person in found:
        people.enable(person=person, actor=ADMIN)
    return _done(found, "may sign in again, by a link to their mailbox.")


def _reset(options: argparse.Namespace) -> dict[str, Any]:
    found = [person for person in _found(options.address) if person.is_active]
    if not found:
        raise AdminRefused("They are disabled. First: hemicycle admin enable ADDRESS")
    for person in found:
        people.reset_sign_in(person=person, actor=ADMIN)
    return _done(found, "old keys and sessions no longer work. A new link has been queued.")


def _link(options: argparse.Namespace) -> dict[str, Any]:
    person = _found(options.address)[0]
    return {"done": f"{person.name}:", "link": _link_of(person)}


def _role(options: argparse.Namespace) -> dict[str, Any]:
    if people.ADMINISTRATOR in {options.give, options.take}:
        return _administrator(options)
    hearing, role = _hearing_at(options.hearing), Role(options.give or options.take)
    if options.give:
        is_new = not people.staff_at(checked_address(options.address)).exists()
        person = people.staff_member(name=options.name or options.address, email=options.address)
        given = people.appoint(person=person, hearing_id=hearing.id, role=role, actor=ADMIN)
        if role == Role.SECRETARIAT:
            officers.set_duties(appointment=given, duties=WHOLE_OFFICE, actor=ADMIN)
        done = _done([person], f"is {role.value} of {hearing.slug}.")
        return done | ({"link": _link_of(person)} if is_new else {})
    held = Appointment.every.filter(
        person__in=_found(options.address), hearing_id=hearing.id, role=role
    ).select_related("person")
    if not held:
        raise AdminRefused(f"{options.address} is not {role.value} of {hearing.slug}.")
    for appointment in held:
        people.dismiss(appointment=appointment, actor=ADMIN)
    return _done([row.person for row in held], f"is no longer {role.value} of {hearing.slug}.")


def _administrator(options: argparse.Namespace) -> dict[str, Any]:
    if options.give:
        return create(name=options.name or options.address, address=options.address)
    found = [person for person in _found(options.address) if person.is_administrator]
    for person in found:
        people.end_administrator(person=person, actor=ADMIN)
    if not found:
        raise AdminRefused(f"{options.address} is not an administrator.")
    return _done(found, "is no longer an administrator.")


# ── Hearings, mail, recordings, keys ─────────────────────────────────────────────────────────────
def _hearing_at(slug: str | None) -> Hearing:
    if not slug:
        raise AdminRefused("Say for which hearing: --hearing SLUG.")
    found = Hearing.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Hearing.objects.values_list("slug", flat=True)) or "none"
        raise AdminRefused(f"There is no hearing “{slug}”. Hearings here: {known}.")
    return found


def _hearing(options: argparse.Namespace) -> dict[str, Any]:
    hearing = _hearing_at(options.slug)
    if options.change == "postpone":
        hearings.postpone(hearing=hearing, actor=ADMIN)
        return {"done": f"{hearing.slug} is postponed. Its dates are no longer valid."}
    if options.change == "keep-dates":
        hearings.keep_dates(hearing=hearing, actor=ADMIN)
        return {"done": f"The dates of {hearing.slug} are valid again."}
    if options.change == "delete":
        return _delete(hearing, options)
    was_held = hearings.is_held(hearing)
    hearings.end(hearing=hearing, actor=ADMIN)
    change = "has ended" if was_held else "is cancelled"
    return {"done": f"{hearing.slug} {change}. Its pages and its record stay."}


def _delete(hearing: Hearing, options: argparse.Namespace) -> dict[str, Any]:
    if (confirmed := options.yes_delete) is None:
        confirmed = _asked(hearing)
    if confirmed != hearing.slug:
        raise AdminRefused(f"“{confirmed}” is not “{hearing.slug}”. Nothing was deleted.")
    try:
        gone = removal.remove(hearing, actor=ADMIN.id)
    except removal.MeetingOpen as error:
        raise AdminRefused("A meeting is open. Close it first; nothing was deleted.") from error
    done = f"{hearing.slug} is deleted."
    if machines := removals.machines([hearing.id]):
        done += f" Its recordings are deleted by each media machine: {', '.join(machines)}."
    return {"done": done, "deleted": gone}


def _asked(hearing: Hearing) -> str:
    """Print what would be deleted, and return the slug that the operator types to confirm."""
    if not sys.stdin.isatty():
        raise AdminRefused(
            f"To delete it without a question, add --yes-delete {hearing.slug}. "
            "Nothing was deleted."
        )
    print(f"This deletes “{hearing}” for good, with:", file=sys.stderr)
    for table, number in sorted(removal.contents(hearing).items()):
        print(f"  {number:>6} {table}", file=sys.stderr)
    print(WHAT_GOES_TOO, file=sys.stderr)
    print(f"Type its short address, {hearing.slug}, to delete it: ", end="", file=sys.stderr)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _test_letter(options: argparse.Namespace) -> dict[str, Any]:
    answer = trial_letter.send(checked_address(options.address))
    return {"done": f"The mail server took the letter: {answer}"}


def _lost_recordings(options: argparse.Namespace) -> dict[str, Any]:
    found = lost_recordings.release(options.machine, actor=ADMIN)
    return {
        "done": f"Nothing waits for the recordings of {options.machine} any more: hearings "
        f"{found.hearings}, cuts now done {found.cuts}, removed hearings {found.removals}.",
        **asdict(found),
    }


def _rotate(options: argparse.Namespace) -> dict[str, Any]:
    file = secret_keys.key_file()
    kept = secret_keys.rotate(file)
    return {
        "done": f"{file} has a new key, and {kept} earlier ones, whose links keep working. "
        "Restart Hemicycle.",
        "file": str(file),
        "earlier": kept,
    }
