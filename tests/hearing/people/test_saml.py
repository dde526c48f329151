"""A real SAML identity provider signs staff in on a real site; forged answers do not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from html import unescape
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from re import DOTALL, findall, search
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Person, Role, SignInSession
from tests.hearing.people import institution
from tests.hearing.people.test_journeys import public_site
from tests.support import certificate
from tests.support.ports import free_port

if TYPE_CHECKING:
    from tests.support.lists import World
    from tests.support.site import Site

pytest.importorskip("onelogin.saml2", reason="hemicycle[saml] is not installed")
pytestmark = [
    pytest.mark.any_database,
    pytest.mark.skipif(bool(institution.why_not()), reason=institution.why_not()),
]
ENTITY = "urn:institution.example"


@pytest.fixture
def own_port() -> int:
    return free_port()


@pytest.fixture
def provider(tmp_path: Path, own_port: int) -> Iterator[dict[str, str]]:
    """Run the institution's identity provider; yield the settings that name it."""
    folder = tmp_path / "idp"
    folder.mkdir()
    pem = certificate.make(folder).read_text()
    key, _mark, cert = pem.partition("-----BEGIN CERTIFICATE-----")
    (folder / "key.pem").write_text(key)
    (folder / "cert.pem").write_text("-----BEGIN CERTIFICATE-----" + cert)
    port, site = free_port(), f"http://localhost:{own_port}"
    url = f"http://localhost:{port}"
    options = {
        "port": port,
        "site": site,
        "entity": ENTITY,
        "key": str(folder / "key.pem"),
        "cert": str(folder / "cert.pem"),
    }
    with institution.running(["saml.js", json.dumps(options)], f"{url}/", tmp_path / "idp.log"):
        yield {
            "HEMICYCLE_SAML_ENTITY": ENTITY,
            "HEMICYCLE_SAML_SIGN_ON": f"{url}/sso",
            "HEMICYCLE_SAML_CERTIFICATE": str(folder / "cert.pem"),
            "HEMICYCLE_INSTITUTION_DOMAINS": "institution.example",
        }


@pytest.fixture
def public(
    transactional_db: None, tmp_path: Path, own_port: int, provider: dict[str, str]
) -> Iterator[Site]:
    with public_site(tmp_path, own_port, **provider) as site:
        yield site


class Browser:
    """A client with redirects and cookies that trusts localhost like TLS, as browsers do."""

    def __init__(self) -> None:
        self._opener = build_opener(HTTPCookieProcessor(CookieJar(_Trusting())))

    def open(self, url: str, fields: dict[str, str] | None = None) -> Page:
        """Open a page, or send a form."""
        data = urlencode(fields).encode() if fields is not None else None
        try:
            answer = self._opener.open(url, data, timeout=20)
        except HTTPError as refusal:
            answer = refusal
        with answer:
            return Page(answer.status, answer.url, answer.read().decode())


class Page(NamedTuple):
    status: int
    url: str
    text: str


class _Trusting(DefaultCookiePolicy):
    def return_ok_secure(self, cookie: object, request: object) -> bool:
        """Return True, so that cookies for TLS are sent to localhost too."""
        return True


def form_of(page: Page) -> tuple[str, dict[str, str]]:
    """Return the action of the page's form, and its fields."""
    form = search(r'<form[^>]* action="([^"]*)"[^>]*>(.*?)</form>', page.text, DOTALL)
    assert form is not None, page.text
    fields = findall(r'<input name="([^"]*)" value="([^"]*)">', form[2])
    return unescape(form[1]), {name: unescape(value) for name, value in fields}


def answered(site: Site, browser: Browser, address: str) -> tuple[str, dict[str, str]]:
    """Sign in at the identity provider as `address`; return the form that comes back."""
    page = browser.open(f"{site.url}/sign-in/saml/saml/login/?next=/office/")
    action, _fields = form_of(page)
    return form_of(browser.open(urljoin(page.url, action), {"email": address}))


def is_in(site: Site, browser: Browser) -> bool:
    office = f"{site.url}/office/"
    return browser.open(office).url == office


def test_appointed_people_get_in_and_nothing_else_does(world: World, public: Site) -> None:
    address = "ana@institution.example"
    person = actions.staff_member(name="Ana", email=address)
    actions.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.MODERATOR, actor=world.office
    )
    browser = Browser()
    page = browser.open(*answered(public, browser, address))
    assert (page.status, page.url) == (200, f"{public.url}/office/"), public.log.read_text()
    assert SignInSession.objects.get(person=person).proof == "institution"

    people = Person.objects.count()
    for stranger in ("new@institution.example", "ana@elsewhere.example"):
        other = Browser()
        assert other.open(*answered(public, other, stranger)).status == 403
        assert not is_in(public, other)
    assert Person.objects.count() == people

    forged = Browser()
    action, fields = answered(public, forged, "new@institution.example")
    answer = base64.b64decode(fields["SAMLResponse"]).replace(b"new@", b"ana@")
    fields["SAMLResponse"] = base64.b64encode(answer).decode()
    assert forged.open(action, fields).status == 403
    assert not is_in(public, forged)

    # An answer belongs to the browser that asked for it.
    asked, stolen = Browser(), Browser()
    assert stolen.open(*answered(public, asked, address)).status == 403
    assert not is_in(public, stolen)

    metadata = stolen.open(f"{public.url}/sign-in/saml/saml/metadata/")
    assert "AssertionConsumerService" in metadata.text
