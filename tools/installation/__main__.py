"""A whole installation with the handbook's commands, from an empty machine to a restored hearing.

`python -m tools.installation FOLDER` makes a machine with Debian, installs Hemicycle on it with the
commands of docs/installing.md, and holds a hearing with people in another network. It backs the
hearing up with the commands of docs/backup.md, destroys the data, restores and verifies them, and
upgrades with the commands of docs/upgrading.md. It writes a transcript to
docs/installation-transcript.md. It needs root, and the programs from `tools/ensure-machine`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import ssl
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from urllib.request import urlopen

from tools.installation import later, machine, steps
from tools.installation.transcript import Transcript

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tools.installation.listening import Heard

ROOT = steps.ROOT
TRANSCRIPT = ROOT / "docs/installation-transcript.md"
VERSIONS = (later.NOW, later.LATER)
SERVICES = ("web", "worker", "mail", "media")
MINUTES = 10
SITE_S = 300.0
EXPOSED = 2.0
"""The highest exposure that `systemd-analyze security` may report, from 0 (safe) to 10."""
AUTHORITY = "usr/local/share/ca-certificates/hearing.crt"


def main() -> int:
    """Run the trial. Return 0 if it succeeded, 2 if it cannot run here; raise on a failure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder for pictures and for Debian’s files")
    parser.add_argument("--minutes", type=int, default=MINUTES, help="of the meeting")
    options = parser.parse_args()
    if why := machine.why_not():
        print(f"The trial cannot run here: {why}.", file=sys.stderr)
        return 2
    folder: Path = options.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with machine.memory() as scratch, machine.networks():
        root = scratch / "root"
        machine.make_root(root, folder / "debian.tar")
        for file in build(scratch / "dist"):
            shutil.copy(file, root / "root")
        names = scratch / "resolv.conf"
        names.write_text(f"nameserver {machine.OUTSIDE}\n")
        place = machine.Machine(root, machine.enter_public())
        machine.bind(names, Path("/etc/resolv.conf"))
        trial = Trial(place, folder, options.minutes)
        try:
            trial.run()
        finally:
            place.stop()
    if options.minutes >= MINUTES:
        TRANSCRIPT.write_text(trial.transcript.page(os.cpu_count() or 1), "utf-8")
    print("All went as it should.")
    return 0


def build(folder: Path) -> list[Path]:
    """Build the next version, and return the wheels and source distributions of both versions."""
    shutil.copytree(ROOT / "dist", folder)
    later.build(folder, folder)
    names = ("hemicycle-{}-py3-none-any.whl", "hemicycle-{}.tar.gz")
    return [folder / name.format(version) for name in names for version in VERSIONS]


class Trial:
    """One trial, which starts with an empty machine."""

    def __init__(self, place: machine.Machine, folder: Path, minutes: int) -> None:
        from tools.installation import people  # only after the process entered the other network

        self.place, self.minutes = place, minutes
        self.commands = steps.read()
        self.transcript = Transcript()
        self.outside = people.Outside(folder)
        self._site = people.SITE

    def run(self) -> None:
        """Run all parts. Raises an exception at the first failure."""
        with self.outside.names_and_letters():
            self._install()
            with self.outside.browsers(self.place.root / AUTHORITY):
                self._hearing()
                self._lose_everything()
                self._after()
                self._services()
                self._reboot()
                self._upgrade()

    # ── Parts ─────────────────────────────────────────────────────────────────────────────────
    def _install(self) -> None:
        note = self.transcript
        note.part("An empty machine")
        note.say(
            f"Debian 13 boots in {self.place.start():.1f} s, with systemd as its first process."
        )
        self.do(
            "systemctl is-system-running; uname --machine; systemctl --version | head --lines 1"
        )
        note.part("Installing, by the handbook")
        begun = time.monotonic()
        with self.place.packages():
            self.step("packages", fetches=True)
            self.step("program", fetches=True)
        self.place.ask_outside()
        for name in ("services", "database", "settings", "mail"):
            self.step(name)
        found = re.search(r"https://\S+/sign-in/\S+", self.step("start"))
        assert found, "init printed no link"
        self.link = found[0]
        self.step("proxy")
        self.step("local-authority")
        note.say(f"The installation took {time.monotonic() - begun:.0f} s.")
        self._wait_for_site()
        # There is no time server, and no backup yet: `doctor` may report only these two.
        doctor = self.step("check", fails=True)
        assert "fault" not in doctor, doctor

    def _services(self) -> None:
        note = self.transcript
        note.part("The services under systemd")
        self.do("systemctl list-units --no-legend --plain 'hemicycle*'")
        for service in ("migrate", *SERVICES):
            told = self.do(
                f"systemd-analyze security --no-pager hemicycle-{service} | tail --lines 1"
            )
            found = re.search(r"exposure level for \S+: ([\d.]+)", told)
            assert found, told
            assert float(found[1]) <= EXPOSED, told
        self.do("systemctl restart hemicycle-worker && systemctl is-active hemicycle-worker")
        self.do("systemctl stop hemicycle-mail; systemctl is-active hemicycle-mail || true")
        self.do("systemctl start hemicycle-mail && systemctl is-active hemicycle-mail")

    def _hearing(self) -> None:
        from tools.installation.people import LISTENER, SPEAKER

        note, outside = self.transcript, self.outside
        note.part("A hearing, from another network")
        office = outside.sign_in(self.link)
        note.say("The administrator signs in by the link that `init` printed, with a passkey.")
        outside.convene(office, self.minutes + 2)
        note.say("They convene a hearing from a file, and publish it.")
        console = outside.appoint(office)
        note.say("They appoint a moderator, whose letter comes by Postfix to the mailbox outside.")
        self.personal = outside.register(*SPEAKER)
        listener = outside.register(*LISTENER)
        note.say("Two people register. Each gets a letter, confirms, and gets their personal link.")
        outside.write(SPEAKER[1], "information@hearing.example", "Access", "Is there a ramp?")
        office.get_by_role("link", name="Mailroom").first.click()
        while not office.get_by_text("Access").count():
            office.wait_for_timeout(1_000)
            office.reload()
        note.say("A letter from outside reaches the mailroom by Postfix and LMTP.")
        office.close()
        self._meeting(console, listener)

    def _meeting(self, console: Page, listener: str) -> None:
        from tools.installation.listening import Listening  # its import reads SSL_CERT_FILE

        note, outside = self.transcript, self.outside
        seat = outside.take_seat(self.personal)
        self.meeting = outside.open_meeting(console, seat)
        live = outside.window()
        live.goto("/h/trees/live/")
        webcast = live.locator("hc-webcast").get_attribute("data-source") or ""
        live.close()
        listening = Listening(listener, urljoin(self._site, webcast))
        listening.start()
        note.part(f"{self.minutes} minutes with sound")
        begun = time.monotonic()
        seat.wait_for_timeout(30_000)
        outside.shoot(console, "console")
        note.say("The backup, while the meeting runs:")
        self.step("backup-keys")
        self.step("backup")
        note.say("And the processes are replaced, while the meeting runs:")
        self.do("systemctl reload hemicycle-web hemicycle-mail hemicycle-worker")
        while time.monotonic() - begun < self.minutes * 60:
            seat.wait_for_timeout(5_000)
            listening.check()
        self._judge(listening.over())
        outside.close_meeting(console)
        note.say(f"The recording plays {outside.watch(self.meeting):.0f} s after the closing.")

    def _judge(self, heard: Heard) -> None:
        note = self.transcript
        assert heard.levels, "the listener heard nothing"
        note.say(
            f"A listener in the other network listened for {heard.listened_s:.0f} s, and heard the "
            f"speaker for {heard.sounding_s:.0f} s, which is {heard.share:.2%} of the time. Of "
            f"{len(heard.levels)} seconds of sound, {heard.silent} were silent; the quietest had "
            f"{min(heard.levels):.3f} of full scale, the loudest {max(heard.levels):.3f}. The "
            f"longest gap between two packets with the speaker was {heard.longest_gap_ms:.0f} ms. "
            f"{heard.segments} segments of the webcast came through Caddy, "
            f"{heard.segment_bytes / 2**20:.1f} MB; {len(heard.failed)} requests failed."
        )
        assert heard.silent == 0, heard.levels
        assert heard.sounding_s >= self.minutes * 60 - 30, heard
        assert not heard.failed, heard.failed[:3]

    def _lose_everything(self) -> None:
        note = self.transcript
        note.part("Backed up, destroyed, restored")
        # The worker may still write: wait until the end that is compared is in the backup.
        self.head = ""
        while self.head != self._head():
            self.head = self._head()
            time.sleep(3)
        self.step("backup")
        self.step("verify-backup")
        note.say("Everything that Hemicycle keeps is destroyed, with its database:")
        self.do(
            "systemctl stop 'hemicycle*'\n"
            "rm --recursive /var/lib/hemicycle/* /etc/hemicycle\n"
            "runuser --user postgres -- dropdb hemicycle"
        )
        begun = time.monotonic()
        told = self.step("restore", fails=True)  # `doctor` does not find starting processes
        assert "Restored" in told, told
        assert "Consistent" in told, told
        self._wait_for_site()
        note.say(
            f"The site answers again {time.monotonic() - begun:.0f} s after the first command."
        )

    def _after(self) -> None:
        note = self.transcript
        note.part("What is there afterwards")
        assert self._head() == self.head, "the end of the record differs"
        note.say("The end of the record is the same as before:")
        note.output(self.head)
        page = self.outside.window()
        page.goto(self.personal)
        name = page.get_by_text("Amina Otieno").first.inner_text()
        note.say(f"The personal link opens the page of {name.strip()}, and the recording plays.")
        page.close()
        self.outside.watch(self.meeting)

    def _reboot(self) -> None:
        note = self.transcript
        note.part("After a restart of the machine")
        self.place.stop()
        note.say(f"It boots in {self.place.start():.0f} s, with all services.")
        self._wait_for_site()
        self.do(
            "systemctl show --property=ActiveEnterTimestampMonotonic --value "
            "postgresql@17-main hemicycle-migrate hemicycle-web | grep ."
        )
        self.do("systemctl is-active hemicycle-web hemicycle-worker hemicycle-mail hemicycle-media")
        self.outside.watch(self.meeting)

    def _upgrade(self) -> None:
        note = self.transcript
        note.part("Upgraded, by the handbook")
        note.say(
            f"There is no second release yet, so {later.LATER} is the same program under another "
            "number, and no table changes."
        )
        head = self._head()
        begun = time.monotonic()
        self.step("upgrade-stop")
        with self.place.packages():
            self.step("upgrade-install", fetches=True)
        self.place.ask_outside()
        told = self.step("upgrade-start", fails=True)  # `doctor` does not find starting processes
        assert later.LATER in told, told
        assert "Consistent" in told, told
        self._wait_for_site()
        note.say(f"The site was away for {time.monotonic() - begun:.0f} s at most.")
        assert self._head() == head, "the end of the record differs"
        self.outside.watch(self.meeting)
        note.say("The end of the record is the same, and the recording plays.")

    # ── Help ──────────────────────────────────────────────────────────────────────────────────
    def step(self, name: str, *, fetches: bool = False, fails: bool = False) -> str:
        """Run a step of the handbook and return its output.

        With `fetches`, it can reach the network of this machine. Raises SystemExit if the commands
        fail, except with `fails`.
        """
        return self._run(self.commands[name], name, fetches=fetches, fails=fails)

    def do(self, commands: str) -> str:
        """Run commands that are not from the handbook, like `step`."""
        return self._run(commands, "")

    def _run(self, commands: str, name: str, *, fetches: bool = False, fails: bool = False) -> str:
        begun = time.monotonic()
        done = self.place.run(commands, fetches=fetches)
        self.transcript.command(commands, name, done.stdout, time.monotonic() - begun)
        if done.returncode and not fails:
            raise SystemExit(f"{name or commands} failed:\n{done.stdout}")
        return done.stdout

    def _wait_for_site(self) -> None:
        """Wait until the site answers through its proxy."""
        trusting = ssl.create_default_context(cafile=self.place.root / AUTHORITY)
        limit = time.monotonic() + SITE_S
        while True:
            try:
                with urlopen(f"{self._site}/time", timeout=5, context=trusting):  # noqa: S310 - https
                    return
            except OSError:
                if time.monotonic() > limit:
                    raise
            time.sleep(0.5)

    def _head(self) -> str:
        """Return the end of the hearing's record, from the database."""
        query = "select seq, hash from record_head"
        psql = f"runuser --user postgres -- psql --tuples-only --no-align hemicycle -c '{query}'"
        return self.place.run(psql).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
