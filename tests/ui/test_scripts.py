"""The scripts in a real browser, each against a server that behaves as badly as one can."""

import html
import json
import re
import statistics
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.browser import Pages
from tests.ui.lab import Lab

pytestmark = pytest.mark.browser


def clock(lab: Lab, left_ms: int, **more: Any) -> str:
    """Return a running clock with `left_ms` left of three minutes."""
    state = {
        "running": True,
        "limit_ms": 180_000,
        "used_before_ms": 0,
        "running_since_ms": lab.now_ms() - 180_000 + left_ms,
        "warning_ms": 30_000,
        "at_limit": "signal",
        "grace_ms": 0,
        **more,
    }
    return f'<hc-clock data-follow data-state="{html.escape(json.dumps(state))}"></hc-clock>'


@pytest.mark.alone
def test_clock_turns_each_second_within_50_ms_of_the_server(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    began = lab.now_ms()
    page.goto(lab.page(clock(lab, 180_000, running_since_ms=began), "clock"))
    late: list[float] = page.evaluate(
        """async ([began, skew]) => {
          const { ready } = await import("/static/js/clock-sync.js");
          await ready();
          const figures = document.querySelector(".clock__figures");
          const seen = [];
          await new Promise((resolve) => new MutationObserver(() => {
            const [minutes, seconds] = figures.textContent.split(":").map(Number);
            // What is left is shown rounded up: N seconds appear when exactly N are left.
            const due = began + 180000 - (minutes * 60 + seconds) * 1000;
            seen.push(Date.now() + skew - due);
            if (seen.length === 5) resolve();
          }).observe(figures, { childList: true, characterData: true, subtree: true }));
          return seen.slice(1);
        }""",
        [began, lab.skew_ms],
    )
    assert abs(statistics.median(late)) <= 50, late


@pytest.mark.alone
def test_clock_knows_how_far_off_it_may_be(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    page.goto(lab.page(clock(lab, 60_000), "clock"))
    off, error = page.evaluate(
        """async (skew) => {
          const sync = await import("/static/js/clock-sync.js");
          await sync.ready();
          return [sync.serverNow() - (Date.now() + skew), sync.uncertainty()];
        }""",
        lab.skew_ms,
    )
    assert abs(off) <= error + 2
    assert error < 50


@pytest.mark.alone
def test_clock_warns_and_ends_in_words(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    page.goto(lab.page(clock(lab, 32_500), "clock"))
    word = page.locator(".clock__word")
    expect(word).to_have_text("speaking")
    expect(word).to_have_text("time nearly up")
    expect(page.get_by_role("status")).to_have_text("30 seconds left")
    expect(page.locator(".clock__figures")).to_have_text("0:29")
    page.goto(lab.page(clock(lab, 1_500), "clock"))
    expect(word).to_have_text("time up")
    expect(page.locator(".clock__figures")).to_have_text("+0:01")


@pytest.mark.alone
def test_clock_never_says_that_more_is_left_than_there_is(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    page.goto(lab.page(clock(lab, 12_500), "clock"))
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^1[0-3] seconds left$"))
    short = clock(lab, 19_500, limit_ms=20_000, running_since_ms=lab.now_ms() - 500)
    page.goto(lab.page(short, "clock"))
    expect(page.locator(".clock__word")).to_have_text("speaking")
    expect(page.get_by_role("status")).to_have_text("")


def test_clock_that_cuts_stops_at_the_grace(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    page.goto(lab.page(clock(lab, -60_000, at_limit="cut", grace_ms=10_000), "clock"))
    expect(page.locator(".clock__figures")).to_have_text("+0:10")
    page.goto(lab.page(clock(lab, 0, running=False, running_since_ms=None), "clock"))
    expect(page.locator(".clock__word")).to_have_text("ready")
    expect(page.locator(".clock__figures")).to_have_text("3:00")


def test_clock_speaks_arabic(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    page.goto(lab.page(clock(lab, 20_000), "clock", language="ar"))
    expect(page.locator(".clock__word")).to_have_text("أوشك الوقت على الانتهاء")


def test_feed_comes_back_and_resumes_behind_the_last_frame(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    pages.allow("/feed/")
    body = '<hc-link data-feed="/feed/h/hall?token=t"></hc-link>' + clock(lab, 90_000)
    address = lab.page(body, "clock", "link")
    page.add_init_script(
        "window.seen = []; document.addEventListener('floor', (e) => window.seen.push(e.detail))"
    )
    page.goto(address)
    link = page.locator("hc-link")
    expect(link).to_have_text("connected")
    lab.send(7, {"clock": None})
    expect(page.locator(".clock__word")).to_have_text("ready")
    lab.drop()
    expect(link).to_have_text("reconnecting")
    expect(link).to_have_text("connected")
    lab.send(8, {"clock": {"limit_ms": 60_000, "used_before_ms": 15_000}})
    expect(page.locator(".clock__figures")).to_have_text("0:45")
    assert page.evaluate("window.seen") == [
        {"clock": None},
        {"clock": {"limit_ms": 60_000, "used_before_ms": 15_000}},
    ]
    assert lab.feeds == ["/feed/h/hall?token=t", "/feed/h/hall?token=t&after=7"]


FORM = """<form method="post" action="/sent" data-autosave="/draft">
<input name="name"><p data-autosave-state></p>
<button class="btn btn--primary">Send</button></form>"""


def test_draft_is_kept_and_a_failure_told(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    pages.allow("503 POST")
    page.goto(lab.page(FORM, "autosave"))
    page.locator("input").fill("Amara")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Draft saved")
    lab.answer = 503
    page.locator("input").fill("Amara O.")
    expect(page.locator("[data-autosave-state]")).to_contain_text("could not be saved")
    assert [(path, "Amara" in body) for path, body in lab.posts] == [("/draft", True)] * 2


def test_form_is_sent_once_however_often_it_is_pressed(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    page.goto(lab.page(FORM, "submit-once"))
    page.locator("input").fill("Amara")
    page.evaluate("for (let i = 0; i < 5; i++) document.querySelector('button').click()")
    page.wait_for_url("**/sent")
    assert lab.posts == [("/sent", "name=Amara")]


def test_keys_press_buttons_but_not_while_one_types(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    body = """<input><button type="button" data-key="e"
      id="e">Extend</button><button type="button" data-key="Enter" id="give">Give</button>
      <button type="button" data-key="x" id="x" disabled>End</button>"""
    page.goto(lab.page(body, "keys"))
    page.evaluate(
        """() => { window.pressed = [];
        document.addEventListener("click", (e) => window.pressed.push(e.target.id)); }"""
    )
    for key in ("e", "Control+e", "x", "Enter"):
        page.keyboard.press(key)
    page.locator("input").focus()
    page.keyboard.type("extend")
    assert page.evaluate("window.pressed") == ["e", "give"]
    assert page.locator("input").input_value() == "extend"


def test_enter_gives_the_floor_also_after_another_button_was_clicked(
    lab: Lab, pages: Pages
) -> None:
    page = pages.open()
    body = """<button type="button" id="mute">Mute</button>
      <button type="button" data-key="Enter" id="give">Give</button>"""
    page.goto(lab.page(body, "keys"))
    page.evaluate(
        """() => { window.pressed = [];
        document.addEventListener("click", (e) => window.pressed.push(e.target.id)); }"""
    )
    page.locator("#mute").click()
    page.keyboard.press("Enter")
    page.locator("#mute").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("window.pressed") == ["mute", "give", "mute"]


def test_words_are_counted_against_the_time(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    body = """<textarea data-words="120" data-limit-s="60" data-words-say="say"></textarea>
      <p id="say"></p>"""
    page.goto(lab.page(body, "word-count"))
    page.locator("textarea").fill("word " * 60)
    expect(page.locator("#say")).to_have_text("60 words · about 0:30 at 120 words a minute")
    page.locator("textarea").fill("word " * 121)
    expect(page.locator("#say")).to_have_text("121 words · 1 word more than the time allows")


def test_times_are_told_in_the_readers_zone(lab: Lab, pages: Pages) -> None:
    page = pages.open(timezone_id="Asia/Tokyo")
    body = """<link rel="stylesheet" href="/static/css/content.css">
      <span class="when"><time>10:00–10:25</time><span id="a" class="local"
      data-local="2021-07-13T14:00:00Z" data-until="2021-07-13T14:25:00Z"
      data-zone="America/New_York" data-kind="time"
      hidden></span></span>
      <span id="b" data-local="2021-07-13T21:00:00Z" data-zone="America/New_York" data-kind="full"
      hidden></span>
      <span id="c" data-local="2021-07-13T05:00:00Z" data-zone="Asia/Seoul" hidden></span>"""
    page.goto(lab.page(body, "local-time"))
    expect(page.locator("#a")).to_have_text("23:00–23:25 your time")
    gap = page.evaluate("""() => {
      const before = document.createRange(), own = document.querySelector("#a");
      before.selectNode(own.previousSibling.firstChild);
      return own.getBoundingClientRect().left - before.getBoundingClientRect().right;
    }""")
    assert gap > 2, "the two times run together"
    expect(page.locator("#b")).to_have_text("14 Jul, 06:00 your time")
    expect(page.locator("#c")).to_be_hidden()


@pytest.mark.alone
def test_screen_reports_what_it_shows(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    began = lab.now_ms()
    body = clock(lab, 90_000) + "<script></script>"
    page.goto(lab.page(body, "clock"))
    with page.expect_response("**/beat"):
        page.evaluate(
            """async () => { Object.assign(document.body.dataset,
              { beat: "/beat", screen: "hall", screenPass: "a-pass" });
            await import("/static/js/beat.js"); }"""
        )
    path, text = lab.posts[0]
    report = json.loads(text)
    since = lab.now_ms() - began
    assert (path, report["pass"], report["seq"]) == ("/beat", "a-pass", -1)
    assert abs(report["server_now_estimate_ms"] - lab.now_ms()) < 2_000
    assert abs(report["offset_ms"]) <= report["uncertainty_ms"] + 5
    assert 90_000 - since - 50 < report["shown_left_ms"] <= 90_050


def test_a_level_lights_bars_for_as_long_as_it_says_too_loud(lab: Lab, pages: Pages) -> None:
    page = pages.open()
    page.goto(lab.page("<hc-level class='level'></hc-level>", "../media/meter"))
    seen = page.evaluate(
        """async () => {
          const { loudness } = await import("/static/media/meter.js");
          const level = document.querySelector("hc-level");
          const bars = () => [...level.querySelectorAll(".level__bars i")];
          const told = () => [
            level.dataset.word,
            bars().filter((bar) => bar.matches("[data-lit]")).length,
            bars().filter((bar) => bar.matches("[data-lit], [data-held]")).length,
          ];
          const seen = [];
          for (const db of [-7, -60, null, -30, -9]) {
            level.show(db);
            seen.push(told());
          }
          return [seen, loudness(-9)];
        }"""
    )
    assert seen == [
        [["loud", 11, 11], ["loud", 0, 11], ["none", 0, 0], ["good", 6, 6], ["good", 10, 10]],
        "good",
    ]


@pytest.mark.parametrize("way", ["ltr", "rtl"])
def test_the_menu_shows_the_current_place(lab: Lab, pages: Pages, way: str) -> None:
    page = pages.open(viewport={"width": 300, "height": 200})
    places = "".join(
        f'<a href="#"{" aria-current=page" * (number == 15)}>Place number {number}</a>'
        for number in range(20)
    )
    box = f'<nav class="office__side" dir="{way}"><div class="side">{places}</div></nav>'
    page.goto(lab.page(f"<style>nav{{overflow:auto;white-space:nowrap}}</style>{box}", "side"))
    expect(page.get_by_text("Place number 15")).to_be_in_viewport(ratio=1)


def test_the_menu_shows_at_its_edges_that_there_is_more(lab: Lab, pages: Pages) -> None:
    page = pages.open(viewport={"width": 1366, "height": 300})
    places = "".join('<li><a href="#">&nbsp;</a></li>' for _number in range(20))
    styles = "".join(
        f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in ("tokens", "layout")
    )
    box = f'<nav class="office__side"><div class="side"><ul>{places}</ul></div></nav>'
    page.goto(lab.page(styles + box))
    menu = page.locator(".side")
    own = menu.bounding_box()
    assert own is not None
    left, edges = own["x"] + 4, (own["y"], own["y"] + own["height"] - 6)

    def shown() -> list[bytes]:
        """Return pictures of the menu's upper and lower edge, beside the words."""
        return [
            page.screenshot(clip={"x": left, "y": edge, "width": 20, "height": 6}) for edge in edges
        ]

    at_first = shown()
    menu.evaluate("menu => menu.scrollTo(0, 99999)")
    at_last = shown()
    assert at_first[0] == at_last[1], "where there is no more, nothing is shown"
    assert at_first[0] != at_last[0]
    assert at_first[1] != at_last[1]


@pytest.mark.parametrize("way", ["ltr", "rtl"])
def test_on_a_phone_the_menu_names_the_group_of_the_current_place(
    lab: Lab, pages: Pages, way: str
) -> None:
    page = pages.open(viewport={"width": 390, "height": 300})
    places = "".join(
        f'<li><a href="#"{" aria-current=page" * (number == 7)}>Place number {number}</a></li>'
        for number in range(8)
    )
    styles = "".join(
        f'<link rel="stylesheet" href="/static/css/{name}.css">' for name in ("tokens", "layout")
    )
    group = f'<div><h2 class="side__heading">The meeting</h2><ul>{places}</ul></div>'
    box = f'<nav class="office__side" dir="{way}"><div class="side">{group}</div></nav>'
    page.goto(lab.page(styles + box, "side"))
    expect(page.get_by_text("Place number 7")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("The meeting")).to_be_in_viewport(ratio=1)


def test_one_box_chooses_all_rows_of_its_table_and_shows_how_they_stand(
    lab: Lab, pages: Pages
) -> None:
    page = pages.open()
    row = '<tr><td><input type="checkbox" name="chosen" value="{}"></td></tr>'
    whole = '<th><input type="checkbox" id="all" data-choose-all hidden></th>'
    tables = [
        f"<table><thead><tr>{whole}</tr></thead><tbody>{rows}</tbody></table>"
        for rows in (row.format(1) + row.format(2), row.format(3))
    ]
    page.goto(lab.page("".join(tables), "choose-all"))
    box, lonely = page.locator("#all").all()
    expect(box).to_be_visible()
    expect(lonely).to_be_hidden()
    box.check()
    chosen = "[...document.querySelectorAll('[name=chosen]:checked')].map((box) => box.value)"
    assert page.evaluate(chosen) == ["1", "2"]
    page.locator("[value='2']").uncheck()
    assert box.evaluate("box => [box.checked, box.indeterminate]") == [False, True]
    box.click()
    assert page.evaluate(chosen) == ["1", "2"]
    box.uncheck()
    assert page.evaluate(chosen) == []
