"""Staff sign in on a public site, in a real browser: by passkey, by app, at their institution."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Role
from hemicycle.mail.outgoing.models import Message
from hemicycle.record.writer import Actor
from tests.hearing.people import institution
from tests.hearing.people.totp import code_of
from tests.support import database
from tests.support.ports import free_port
from tests.support.site import Site

if TYPE_CHECKING:
    from tests.support.browser import Pages
    from tests.support.lists import World

pytestmark = pytest.mark.browser
SYSTEM = Actor.system("test")
PUBLIC = "https://hearing.example"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def public_site(folder: Path, port: int = 0, **more: str) -> Iterator[Site]:
    """Run a site that knows itself as a public one; browsers trust localhost as they trust TLS."""
    url = database.url_of(str(settings.DATABASES["default"]["NAME"]))
    public = {
        "HEMICYCLE_BASE_URL": PUBLIC,
        "HEMICYCLE_HOSTS": "localhost",
        "HEMICYCLE_SECRET_KEY": settings.SECRET_KEY,
    }
    site = Site(folder, url, more={**public, **more})
    site.port = port
    site.start()
    try:
        yield site
    finally:
        site.stop()
    site.check_log()


def with_authenticator(page: Page) -> None:
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def opened(pages: Pages, site: Site, **options: Any) -> Page:
    return pages.open(base_url=site.url, viewport={"width": 1366, "height": 768}, **options)


def link_from_mail(page: Page, address: str) -> str:
    """Ask for a link on the page, and return its path from the letter."""
    page.goto("/sign-in/?next=/office/")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    letter = Message.objects.filter(address=address, subject="Your sign-in link").latest(
        "queued_at"
    )
    (link,) = re.findall(rf"{PUBLIC}(/sign-in/\S+)", letter.body)
    return str(link)


def sign_in_by_link(page: Page, address: str) -> None:
    page.goto(link_from_mail(page, address))
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.alone
def test_by_passkey_and_out_within_a_second_of_the_dismissal(
    world: World, transactional_db: None, pages: Pages, tmp_path: Path
) -> None:
    with public_site(tmp_path) as site, closing(pages):
        page = opened(pages, site)
        with_authenticator(page)
        sign_in_by_link(page, world.moderator.email)
        expect(page.get_by_role("heading", name="Set up your sign-in")).to_be_visible()
        page.goto("/office/")  # the link alone has opened nothing
        expect(page).to_have_url(re.compile("/sign-in/"))
        page.goto("/sign-in/second-step/")
        page.get_by_label("Name").fill("Office laptop")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("heading", name="Save these recovery codes")).to_be_visible()
        page.get_by_role("button", name="I have saved the codes").click()
        expect(page.get_by_role("heading", name="My hearings")).to_be_visible()

        page.get_by_role("button", name="Sign out").click()
        page.goto("/office/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("heading", name="My hearings")).to_be_visible()

        page.goto(f"/h/{world.hearing.slug}/console/")
        expect(page.locator("hc-link")).to_have_attribute("data-state", "live")
        actions.dismiss(appointment=world.moderator.appointments.get(), actor=world.office)
        dismissed = time.monotonic()
        page.wait_for_url(re.compile("/sign-in/"), wait_until="commit", timeout=5000)
        assert time.monotonic() - dismissed < 1.5  # one second, and the time to load the page
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("This passkey is not registered here.")).to_be_visible()


def test_by_authenticator_app_and_confirmed_before_an_appointment(
    world: World, transactional_db: None, pages: Pages, tmp_path: Path
) -> None:
    with public_site(tmp_path) as site, closing(pages):
        page = opened(pages, site)
        sign_in_by_link(page, world.secretary.email)
        secret = page.locator("code").inner_text()
        page.get_by_label("Code").fill(code_of(secret))
        page.get_by_role("button", name="Use this app").click()
        page.get_by_role("button", name="I have saved the codes").click()
        expect(page.get_by_role("heading", name="My hearings")).to_be_visible()

        page.get_by_role("button", name="Sign out").click()
        sign_in_by_link(page, world.secretary.email)
        expect(page.get_by_role("heading", name="Show that it is you")).to_be_visible()
        newer = code_of(secret, time.time() + 30)  # the next code is valid too, since clocks differ
        page.get_by_label("Code").fill(newer)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="My hearings")).to_be_visible()
        page.get_by_role("link", name="Your sign-in").click()
        expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()


def test_at_the_institution(
    world: World, transactional_db: None, pages: Pages, tmp_path: Path
) -> None:
    if reason := institution.why_not():
        pytest.skip(reason)
    person = actions.staff_member(name="Ana", email="ana@institution.example")
    actions.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.MODERATOR, actor=world.office
    )
    accounts = {"ana": {"email": "ana@institution.example", "email_verified": True}}
    port, own = free_port(), free_port()
    environment = {
        "HEMICYCLE_OIDC_ISSUER": f"http://localhost:{port}",
        "HEMICYCLE_OIDC_CLIENT_ID": institution.CLIENT,
        "HEMICYCLE_OIDC_CLIENT_SECRET": institution.SECRET,
        "HEMICYCLE_INSTITUTION_NAME": "The Institution",
        "HEMICYCLE_INSTITUTION_DOMAINS": "institution.example",
    }
    with (
        institution.openid_connect(tmp_path, port, f"http://localhost:{own}", accounts),
        public_site(tmp_path, own, **environment) as site,
        closing(pages),
    ):
        pages.allow(f"localhost:{port}")  # oidc-provider's own pages are not ours to correct
        pages.allow("ERR_NAME_NOT_RESOLVED")  # those pages load fonts from another server
        page = opened(pages, site)
        page.goto("/office/")
        page.get_by_role("link", name="Sign in with The Institution").click()
        page.get_by_placeholder("Enter any login").fill("ana")
        page.get_by_placeholder("and password").fill("any")
        page.get_by_role("button", name="Sign-in").click()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="My hearings")).to_be_visible()
        expect(page).to_have_url(f"{site.url}/office/")
