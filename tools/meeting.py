"""Hold a meeting from many browser windows on a site that `make run` starts, as in docs/meeting.md.

All participants use the links that `make run` prints: moderator, technician, captioner, two
speakers, a panellist who shares a screen, two booths of two interpreters, the hall and the public.
They join when their part begins and leave after it, so that two processors can run all windows.
Pictures of every window at every stage are saved in the folder. The exit status is 0 if every check
passed, no page reported an error, no request failed, and the server logged only its start and end.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import expect as sees

from tests.support.browser import Pages, launch
from tests.support.in_sight import unreadable
from tests.support.tones import open_page
from tools.looking import jumps, plays, probe, values
from tools.participants import PARTICIPANTS, STATEMENT
from tools.walking import expect, expect_quiet, quietly, running

LAPTOP = {"width": 1366, "height": 768}
HALL = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
WITHIN_S = 60
ON_DEMAND_S = 120
"""How long after the meeting's end a recording may take to appear, in seconds."""
SLIDE = """navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const brush = canvas.getContext("2d");
  setInterval(() => {
    Object.assign(brush, { fillStyle: "white" }).fillRect(0, 0, 1280, 720);
    Object.assign(brush, { fillStyle: "navy", font: "bold 72px sans-serif" });
    brush.fillText("Crimes online: three findings", 80, 160);
    brush.font = "48px sans-serif";
    ["Recruiters moved first", "Victims are younger", "Evidence crosses borders"].forEach(
      (line, number) => brush.fillText(`${number + 1}. ${line}`, 80, 300 + 110 * number));
  }, 200);
  return canvas.captureStream(5);
};"""
"""Replaces screen sharing, because a headless browser has no screen."""
UNHURRIED = """const every = setInterval;
window.setInterval = (call, ms, ...more) => every(call, Math.max(ms, 500), ...more);"""
"""Slows timers down to twice a second, because many windows share the processors."""
SPEAKS_S = 180
"""The time limit for speakers from the floor in the reference hearing, in seconds."""
PANEL = "Panel 2"
"""The panel of the afternoon meeting."""
PANELLIST = "Panellist E"
LINK = f"""
from hemicycle.hearing.people.actions import issue_link
from hemicycle.hearing.people.models import Appointment
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record.writer import Actor
hearing = Hearing.objects.get(status="published")
held = Appointment.every.get(hearing_id=hearing.id, role="panellist", person__name={PANELLIST!r})
print(issue_link(person=held.person, hearing_id=hearing.id, role="panellist",
    next_url=f"/h/{{hearing.slug}}/seat/", actor=Actor.system("links")))
"""
"""A program for `hemicycle manage shell` that prints a link for the panellist."""
CAPTIONS = {
    "ar": ("شكرا سيدتي الرئيسة.", "نطلب مترجمين منذ الساعة الأولى."),
    "en": ("We thank you, Madam President.", "We ask for interpreters at once."),
}
"""The rows that the captioner writes in each language; the last language is that of the floor."""
READERS = {
    "booth-english-2": "ar",
    "booth-french-2": "en",
    "hall": "en",
    "mission": "en",
    "ngo": "en",
}
"""The windows that show captions, each with its language. The Arabic reader's page is in Arabic."""


def main() -> int:
    """Hold the meeting. Return 0 if every check passed; raise or exit at the first failure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder for what is made; new or empty")
    folder = parser.parse_args().folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with running(folder) as links, sync_playwright() as playwright:
        browser = launch(playwright, yielding=True, shell=True)  # noqa: S604 - a kind of browser
        meeting = Meeting(folder, links, Pages(browser))
        try:
            meeting.hold()
            meeting.on_demand()
            meeting.look_into_the_files()
        except BaseException:
            meeting.shoot("99-stopped")
            print("\n".join(meeting.pages.troubles))
            raise
        meeting.leave()
        browser.close()
    expect_quiet(folder)
    print(f"All went as it should. The pictures to look at lie in {folder / 'shots'}.")
    return 0


# ── The meeting ───────────────────────────────────────────────────────────────────────────────
class Meeting:
    """The afternoon meeting of the hearing; each window belongs to another person."""

    console: Page
    meeting: str
    """The meeting's id, from the console's address."""
    watch: Page

    def __init__(self, folder: Path, links: dict[str, str], pages: Pages) -> None:
        self.folder, self.links, self.pages = folder, links, pages
        self.shots = folder / "shots"
        self.shots.mkdir(exist_ok=True)
        self.hearing = links["Stakeholder"].removesuffix("register/")
        self.windows: dict[str, Page] = {}
        self.away: dict[str, tuple[Page, str]] = {}
        sees.set_options(timeout=WITHIN_S * 1000)

    def hold(self) -> None:
        """Hold the meeting, from the submission of a statement to the closing."""
        self._hand_in()
        self._come_in()
        self._open()
        self._panellist_shares()
        self._booths()
        self._speaker_to_the_limit()
        self._disorder()
        self._close()

    # Who comes in.
    def _window(self, name: str, **options: Any) -> Page:
        options = {"viewport": LAPTOP, **options}
        if who := PARTICIPANTS.get(name):
            options |= {"speech": who.says(), "look": who.look}
        page = open_page(self.pages, **options)
        page.add_init_script(UNHURRIED)
        page.add_init_script(SLIDE)
        self.windows[name] = page
        return page

    def _by_link(self, name: str, link: str, **options: Any) -> Page:
        """Sign a person in with a one-time link, or reopen their window; return the window."""
        if name in self.away:
            self.windows[name], address = self.away.pop(name)
            self.windows[name].goto(address)
            return self.windows[name]
        page = self._window(name, **options)
        page.goto(link)
        with page.expect_navigation():
            page.locator("main form button").first.click()
        return page

    def _seat(self, name: str, personal: str, **options: Any) -> Page:
        """Open a speaker's personal page and from there the seat; return the window."""
        page = self._window(name, **options)
        page.goto(personal)
        with page.expect_navigation():
            page.get_by_role("link", name="Go to my seat").first.click()
        return page

    def _hand_in(self) -> None:
        """Submit the first speaker's text, from which the booths and the captioner work."""
        page = self.pages.open(viewport=PHONE)
        page.goto(self.links["A mission that speaks"])
        # The speaker is on the lists of two panels, and the file for this one could not be read.
        panel = page.locator("section.stack", has=page.get_by_role("heading", name=PANEL))
        panel.get_by_role("link", name="Submit").click()
        page.get_by_label("Or the text itself").fill(STATEMENT)
        page.screenshot(path=str(self.shots / "00-hand-in.png"), full_page=True)
        page.get_by_role("button", name="Submit the statement").click()
        sees(page.get_by_text("Your statement has been received.")).to_be_visible()
        page.close()

    def _leave(self, *names: str) -> None:
        """Show a simple page in the windows of people whose part is over; they stay signed in."""
        for name in names:
            page = self.windows.pop(name)
            self.away[name] = page, page.url
            page.goto(f"{self.hearing}privacy/")

    def _hall(self) -> None:
        hall = self._by_link("hall", self.links["Secretariat"], viewport=HALL)
        if "/hall/" not in hall.url:
            hall.goto(self.hearing + "hall/")
        hall.keyboard.press("s")

    def _opens_devices(self, name: str) -> None:
        seat = self.windows[name]
        seat.locator('[data-own] [data-do="open"]').click()
        ready = re.compile("ready|good|fair|poor")
        sees(seat.locator("[data-own-line]")).to_have_attribute("data-line", ready)

    def _come_in(self) -> None:
        self._hall()
        self.console = self._by_link("moderator", self.links["Moderator"])
        self.console.get_by_role("link", name="Afternoon meeting").click()
        self.meeting = re.sub(r".*/console/([^/]+)/.*", r"\1", self.console.url)
        self._by_link("technician", self.links["Technician"])
        self._by_link("panellist", self._panellists_link())
        self._opens_devices("panellist")
        for name, options in (
            ("public", {}),
            ("public-arabic", {"viewport": PHONE, "locale": "ar"}),
        ):
            self._window(name, **options).goto(self.hearing + "live/")
        self.shoot("01-before")

    def _enter_booths(self) -> None:
        for number in (1, 2):
            for language in ("French", "English"):
                name = f"booth-{language.lower()}-{number}"
                booth = self._by_link(name, self.links[f"Booth: {language} {number}"])
                if READERS.get(name) == "ar":
                    booth.goto(f"{booth.url}?lang=ar")
                booth.keyboard.press("Enter")  # opens the booth
                sees(booth.locator('[data-do="microphone"]')).to_be_visible()

    def _panellists_link(self) -> str:
        """Return a panellist's link, which is otherwise sent by letter.

        No page shows it, and `make run` prints the link of another panellist.
        """
        command = [".venv/bin/hemicycle", "manage", "shell", "--verbosity", "0", "-c", LINK]
        env = {**os.environ, "HEMICYCLE_DATA_DIR": str(self.folder / "data")}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return urljoin(self.links["Panellist"], done.stdout.split()[-1])

    # What the moderator presses.
    def _press(self, key: str) -> None:
        """Press a key of the console, and wait until its act is complete."""
        button = self.console.locator(f'button[data-key="{key}"]:enabled')
        sees(button).to_have_count(1)
        before = self._acts()
        self.console.keyboard.press(key)
        refusal = self.console.locator("#refusal")
        quietly(lambda: self._acts() != before, lambda: f"{key}: {refusal.inner_text()}")

    def _acts(self) -> str:
        return self.console.locator("#seen").input_value()

    def _holder(self, name: str) -> None:
        sees(self.console.locator("#holder .floor__name:not(.muted)")).to_have_text(name)

    def _open(self) -> None:
        own = self.console.locator('[data-own] [data-do="open"]')
        own.click()
        self._open_meeting()
        self._press("o")  # the panel
        for name in ("moderator", "panellist"):
            line = self.windows[name].locator("[data-own-line]")
            sees(line).to_have_attribute("data-line", re.compile("good|fair|poor"))
        for name in ("public", "public-arabic"):
            page = self.windows[name]
            sees(
                page.locator(f'hc-webcast[data-source*="{self.meeting.replace("-", "")}"]')
            ).to_be_visible()
            page.locator("[data-start]").click()
        self.shoot("02-opened")

    def _open_meeting(self) -> None:
        """Open the meeting and confirm it: the console asks, because the meeting is days away."""
        self.console.keyboard.press("o")
        before = self._acts()
        self.console.get_by_role("button", name="Open it now").press("Enter")
        quietly(lambda: self._acts() != before, lambda: "the meeting does not open")

    def _panellist_shares(self) -> None:
        """Give a panellist the floor, check that hall and webcast play, and share slides."""
        self._press("Enter")
        self._holder(PANELLIST)
        seat = self.windows["panellist"]
        sees(seat.locator('[data-is="air"][data-value="on"]')).to_be_visible()
        plays(self.windows["hall"].locator("hc-program video"))
        plays(self.windows["public"].locator("hc-webcast video"))
        self.shoot("03-panellist")
        share = seat.locator('[data-own] [data-do="share"]')
        share.click()
        sees(share).to_contain_text("Stop sharing")
        time.sleep(8)  # the webcast is two seconds behind, and pictures take time
        self.shoot("04-shared")
        share.click()
        sees(share).to_contain_text("Share my screen")

    def _booths(self) -> None:
        """Let both booths interpret, the English one by relay, and the French ones hand over."""
        self._leave("hall", "technician", "public-arabic")
        self._enter_booths()
        self._seat("ngo", self.links["A speaker’s own page"], viewport=PHONE)
        one, two = (self.windows[f"booth-french-{number}"] for number in (1, 2))
        english = self.windows["booth-english-1"]
        one.keyboard.press("m")
        sees(one.locator('[data-is="mic"][data-value="on"]')).to_be_visible()
        english.locator('[data-incoming="fr"]').click()
        sees(english.locator('[data-incoming="fr"]')).to_have_attribute("aria-pressed", "true")
        english.keyboard.press("m")
        sees(english.locator('[data-is="mic"][data-value="on"]')).to_be_visible()
        self.windows["public"].locator("[data-channels]").select_option("fr")
        self.windows["ngo"].locator("[data-channels]").select_option("fr")
        accept = two.locator('[data-do="accept"]')
        # On a busy machine, the offer may have expired or the connection may have been lost.
        while not accept.is_visible():
            one.keyboard.press("h")
            two.wait_for_timeout(3_000)
        self.shoot("05-handover-offered", "booth-french-2")
        accept.click()
        sees(two.locator('[data-is="mic"][data-value="on"]')).to_be_visible()
        self.windows["booth-english-2"].keyboard.press("s")  # slow down, please
        sees(self.windows["panellist"].get_by_text("Please speak more slowly.")).to_be_visible()
        self.shoot("06-booths")

    def _speaker_to_the_limit(self) -> None:
        """Let the first speaker speak until the limit cuts the microphone, then extend the time."""
        self._press("x")
        while (
            self.console.locator("#list tr", has_text="Panellist")
            .get_by_role("button", name="Absent")
            .count()
        ):
            self._press("a")
        self._leave("panellist", "booth-french-1")
        mission = self._seat("mission", self.links["A mission that speaks"])
        self._by_link("captioner", self.links["Captioner"])
        self._hall()
        mission.locator('[data-own] [data-do="open"]').click()
        sees(mission.locator('[data-is="air"][data-value="preview"]')).to_be_visible()
        self.shoot("07-next")
        self._press("Enter")
        begun = time.monotonic()
        sees(mission.locator('[data-is="air"][data-value="on"]')).to_be_visible()
        self._text_is_there()
        self._captions()
        self.shoot("08-speaker")
        time.sleep(max(0, begun + SPEAKS_S - 12 - time.monotonic()))
        self.shoot("09-warned")
        cut = mission.locator('[data-is="air"][data-value="cut"]')
        sees(cut).to_be_visible()
        expect(True, f"cut after {time.monotonic() - begun:.0f} s, a grace included")
        self.shoot("10-cut")
        self._press("e")
        sees(mission.locator('[data-is="air"][data-value="on"]')).to_be_visible()

    def _text_is_there(self) -> None:
        """Check that the booths and the captioner have the text that was submitted."""
        first = STATEMENT.splitlines()[0]
        for name in ("booth-french-2", "booth-english-1"):
            sees(self.windows[name].locator("#text")).to_contain_text(first)
        offered = self.windows["captioner"].locator("[data-offered] li")
        sees(offered.first).to_have_text(first)
        expect(True, "booths and captioner have the speaker's text")

    def _captions(self) -> None:
        """Write captions in two languages, and check them at seats, in the hall and in booths."""
        captioner, public = self.windows["captioner"], self.windows["public"]
        for language, rows in CAPTIONS.items():
            captioner.goto(re.sub(r"/captioner/[^/]+/", f"/captioner/{language}/", captioner.url))
            for name in (name for name, tongue in READERS.items() if tongue == language):
                self.windows[name].locator("[data-captions]").select_option(language)
                for row in rows:
                    self._write(row)
                self._reads(name, rows[-1])
        public.locator("[data-texts]").select_option(language)
        sees(public.locator("hc-webcast")).to_be_visible()

    def _write(self, row: str) -> None:
        captioner = self.windows["captioner"]
        sent = captioner.locator("[data-sent] [data-state=sent]")
        before = sent.count()
        line = captioner.get_by_label("The next line")
        line.fill(row)
        line.press("Enter")
        sees(sent).to_have_count(before + 1)

    def _reads(self, name: str, row: str) -> None:
        """Check that a row is shown and readable in a window."""
        page = self.windows[name]
        page.locator("main").evaluate("main => main.scrollTo(0, 0)")  # the menu is below
        newest = page.locator("[data-caption-rows] span").last
        sees(newest).to_have_text(row)
        troubles = unreadable(newest)
        expect(not troubles, f"captions can be read: {name}", "\n".join(troubles))

    def _disorder(self) -> None:
        """Interrupt and mute the second speaker, who is on a phone, and lift both again."""
        self._leave("captioner", "booth-english-1", "booth-english-2")
        self._by_link("technician", self.links["Technician"])
        self._opens_devices("ngo")
        self._press("Enter")
        ngo = self.windows["ngo"]
        sees(ngo.locator('[data-is="air"][data-value="on"]')).to_be_visible()
        self.shoot("11-phone")
        self._press("i")
        sees(ngo.get_by_text("Please wait").locator("visible=true")).to_be_visible()
        self.shoot("12-interrupted")
        self._press("i")
        self._press("m")
        sees(ngo.locator('[data-is="air"][data-value="silenced"]')).to_be_visible()
        self.shoot("13-muted")
        self._press("m")
        sees(ngo.locator('[data-is="air"][data-value="on"]')).to_be_visible()
        self._press("x")

    def _close(self) -> None:
        self.pages.allow(".m4s")  # players request the announced next part, which is never made
        self._press("c")  # the panel
        self._press("o")  # the closing
        self._press("c")
        self.console.get_by_role("button", name="Close the meeting").click()
        sees(self.console.locator("#holder")).to_contain_text("The meeting is closed")
        self.shoot("14-closed")

    # ── Afterwards ────────────────────────────────────────────────────────────────────────────
    def on_demand(self) -> None:
        """Check that the recording plays in every language, and each chapter starts at its time."""
        self._leave(*self.windows)
        page = self.watch = self._window("watch")
        start = page.locator("[data-start]")
        begun = time.monotonic()
        page.goto(f"{self.hearing}watch/{self.meeting}/")
        sees(start).to_be_visible(timeout=ON_DEMAND_S * 1000)
        expect(True, f"on demand {time.monotonic() - begun:.0f} s later")
        start.click()
        video = page.locator("hc-webcast video")
        plays(video)
        for language in values(page.locator("[data-channels] option")):
            page.locator("[data-channels]").select_option(language)
            plays(video)
            for chapter in page.locator("[data-chapter]").all():
                jumps(chapter, video)
        expect(True, "every chapter plays in every language")
        page.screenshot(path=str(self.shots / "15-watch.png"), full_page=True)
        phone = self._window("watch-arabic", viewport=PHONE, locale="ar")
        phone.goto(page.url)
        phone.screenshot(path=str(self.shots / "15-watch-arabic.png"), full_page=True)

    def look_into_the_files(self) -> None:
        """Check the recording and all files to download with `ffprobe`."""
        page = self.watch
        playlist = urljoin(page.url, page.locator("hc-webcast").get_attribute("data-source") or "")
        found = probe(playlist)
        sounds = [stream for stream in found["streams"] if stream["codec_type"] == "audio"]
        languages = values(page.locator("[data-channels] option"))
        expect(len(sounds) >= len(languages), f"ffprobe: {len(found['streams'])} streams of HLS")
        for link in page.locator(".watch__downloads a").all():
            path = self.folder / f"{link.get_attribute('hreflang') or 'floor'}.mp4"
            with urlopen(urljoin(page.url, link.get_attribute("href") or "")) as answer:  # noqa: S310 - our own server
                path.write_bytes(answer.read())
            found = probe(str(path))
            chapters, seconds = len(found["chapters"]), float(found["format"]["duration"])
            expect(
                chapters == page.locator("[data-chapter][data-slot]").count() > 0,
                f"ffprobe: {path.name}, {seconds:.0f} s, {chapters} chapters",
            )

    def leave(self) -> None:
        """Close every window; fail if a page reported an error or a request failed."""
        self.pages.close()
        expect(True, "no page complained, and no request failed")

    def shoot(self, moment: str, *names: str) -> None:
        """Save a picture of every window, or of the named ones."""
        for name in names or self.windows:
            page = self.windows[name]
            page.screenshot(path=str(self.shots / f"{moment}-{name}.png"))
        print(f"     {moment}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
