"""`hemicycle init`: the first start of a site, by questions or by options.

It writes the settings file and the keys, creates the database, makes the first administrator and
prints their sign-in link. If it is run again, it changes nothing that exists. Exit status: 0 done;
1 stopped by a fault; 2 refused.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hemicycle import settings_sources as sources
from hemicycle.engine.secret import made_once, make_private

LOCAL = "http://localhost:8000"


class InitRefused(Exception):
    """The site cannot be set up like this; the message says why, and what to do."""


def main(arguments: list[str]) -> int:
    """Set up the site; return the exit status."""
    options = parser().parse_args(arguments)
    try:
        found = _run(options)
    except InitRefused as error:
        print(f"hemicycle init: {error}", file=sys.stderr)
        return 2
    except EOFError:
        print("hemicycle init: there is no terminal to ask in; use --no-input.", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print("\n".join(_told(found)))
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    made = argparse.ArgumentParser(
        prog="hemicycle init",
        description="Set up a site: settings, keys, database and the first administrator.",
    )
    made.add_argument("--site", metavar="ADDRESS", help=f"address of the site, such as {LOCAL}")
    made.add_argument("--name", help="name of the first administrator")
    made.add_argument("--email", help="e-mail address of the first administrator")
    made.add_argument("--no-input", action="store_true", help="ask nothing; use the options")
    made.add_argument("--json", action="store_true", help="print the result as JSON")
    return made


def _run(options: argparse.Namespace) -> dict[str, Any]:
    given = sources.given()
    site = given.get("HEMICYCLE_BASE_URL")
    if site and options.site and _site(options.site) != site:
        raise InitRefused(f"The site has the address {site} already. Change it in its settings.")
    site = site or _site(_answer(options, "site", "Address of the site", LOCAL))
    name = _answer(options, "name", "Name of the first administrator")
    email = _answer(options, "email", "E-mail address of the first administrator")
    folder = Path(given.get(sources.DATA_DIR, "var")).expanduser().absolute()
    file = _write_settings(given, folder, site)
    made_once(folder / "keys" / "secret")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hemicycle.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    from hemicycle.site.operating import admin
    from hemicycle.site.processes import start_checks

    start_checks.check_folder()
    start_checks.check_database(migrated=False)
    try:
        admin.checked_address(email)
        call_command("migrate", verbosity=0)
        made = admin.create(name=name, address=email)
    except admin.AdminRefused as error:
        raise InitRefused(str(error)) from error
    return {"site": site, "settings_file": str(file or ""), "data_dir": str(folder)} | made


def _answer(options: argparse.Namespace, name: str, question: str, usual: str = "") -> str:
    """Return an option if it is given, or else what the operator types."""
    given: str | None = getattr(options, name)
    if given:
        return given.strip()
    if options.no_input:
        if usual:
            return usual
        raise InitRefused(f"--{name} is missing.")
    while True:
        print(f"{question}{f' ({usual})' if usual else ''}: ", end="", file=sys.stderr, flush=True)
        if typed := input().strip() or usual:
            return typed


def _site(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise InitRefused(
            f"“{raw}” is not the address of a site; it should look like https://hearing.example."
        )
    return f"{parts.scheme}://{parts.netloc}"


def _write_settings(given: sources.Given, folder: Path, site: str) -> Path | None:
    """Write a settings file if there is none and the address is not in the environment."""
    make_private(folder)
    has_address = bool(given.get("HEMICYCLE_BASE_URL"))
    if given.file and site != LOCAL and not has_address:
        raise InitRefused(f'{given.file} has no base_url: write base_url = "{site}" into it first.')
    if given.file or has_address:
        return given.file
    file = folder / sources.NAME
    lines = ["# Settings of this site; docs/settings.md lists them all.", f'base_url = "{site}"']
    if not given.get("HEMICYCLE_SECRET_KEY"):
        lines.append(f"secret_key_file = {json.dumps(str(folder / 'keys' / 'secret'))}")
    lines += [
        "",
        "# The mail server that takes letters, and their sender:",
        f"# smtp_url_file = {json.dumps(str(folder / 'smtp'))}",
        f'# mail_from = "secretariat@{urlsplit(site).hostname}"',
        "",
    ]
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write("\n".join(lines))
    sources.forget()
    return file


def _told(found: dict[str, Any]) -> list[str]:
    lines = [found["done"]]
    if found["settings_file"]:
        lines.append(f"Settings: {found['settings_file']}")
    return [
        *lines,
        f"Data:     {found['data_dir']}. Back it up with `hemicycle backup`.",
        "",
        "Next:",
        "  1. Start the site:              hemicycle up",
        f"  2. Sign in, once, in 7 days:    {found['link']}",
        "  3. Convene your first hearing:  press “Convene a hearing” there.",
        "  4. See what is missing:         hemicycle doctor",
    ]
