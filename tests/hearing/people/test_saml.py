"""A SAML identity provider, a real one, signs staff in on a real site; nothing forged does."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import unescape
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from re import DOTALL, findall, search
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
import requests

from hemicycle.hearing.people import actions
from hemicycle.hearing.people.models import Person, Role, SignInSession
from tests.hearing.people.test_journeys import public_site
from tests.support import certificate, institution

if TYPE_CHECKING:
    from tests.support.lists import World
    from tests.support.site import Site

pytest.importorskip("onelogin.saml2", reason="hemicycle[saml] is not installed")
pytestmark = [
    pytest.mark.alone,
    pytest.mark.any_database,
    pytest.mark.skipif(bool(institution.why_not()), reason=institution.why_not()),
]
ENTITY = "urn:institution.example"


@pytest.fixture
def own_port() -> int:
    return institution.free_port()


@pytest.fixture
def provider(tmp_path: Path, own_port: int) -> Iterator[dict[str, str]]:
    """The institution's identity provider, and the settings that name it."""
    folder = tmp_path / "idp"
    folder.mkdir()
    pem = certificate.make(folder).read_text()
    key, _mark, cert = pem.partition("-----BEGIN CERTIFICATE-----")
    (folder / "key.pem").write_text(key)
    (folder / "cert.pem").write_text("-----BEGIN CERTIFICATE-----" + cert)
    port, site = institution.free_port(), f"http://localhost:{own_port}"
    command: list[str | Path] = [
        *("node_modules/saml-idp/bin/run.js", "--host", "localhost", "--port", str(port)),
        *("--issuer", ENTITY, "--acsUrl", f"{site}/sign-in/saml/saml/acs/"),
        *("--audience", f"{site}/sign-in/saml/saml/metadata/"),
        *("--cert", folder / "cert.pem", "--key", folder / "key.pem"),
        *("--signResponse", "false"),  # then it is the assertion that is signed
    ]
    url = f"http://localhost:{port}"
    with institution.running(command, f"{url}/metadata", tmp_path / "idp.log"):
        yield {
            "HEMICYCLE_SAML_ENTITY": ENTITY,
            "HEMICYCLE_SAML_SIGN_ON": f"{url}/saml/sso",
            "HEMICYCLE_SAML_CERTIFICATE": str(folder / "cert.pem"),
            "HEMICYCLE_INSTITUTION_DOMAINS": "institution.example",
        }


@pytest.fixture
def public(
    transactional_db: None, tmp_path: Path, own_port: int, provider: dict[str, str]
) -> Iterator[Site]:
    with public_site(tmp_path, own_port, **provider) as site:
        yield site


def form_of(page: requests.Response) -> tuple[str, dict[str, str]]:
    """Where the page's form goes, and what it holds."""
    form = search(r"<form(.*?)>(.*?)</form>", page.text, DOTALL)
    assert form is not None, page.text
    action = search(r'action="([^"]*)"', form[1])
    fields = {}
    for tag in findall(r"<input[^>]*>", form[2]):
        name, value = search(r'name="([^"]*)"', tag), search(r'value="([^"]*)"', tag)
        if name:
            fields[name[1]] = unescape(value[1]) if value else ""
    return unescape(action[1]) if action else "", fields


def answered(site: Site, browser: requests.Session, address: str) -> tuple[str, dict[str, str]]:
    """Go to the identity provider and sign in there as `address`; the form that comes back."""
    page = browser.get(f"{site.url}/sign-in/saml/saml/login/?next=/office/", timeout=20)
    action, fields = form_of(page)
    fields |= {name: address for name in fields if name in {"email", "userName", "nameIdValue"}}
    sent = browser.post(urljoin(page.url, action), fields, timeout=20)
    return form_of(sent)


def finish(browser: requests.Session, form: tuple[str, dict[str, str]]) -> requests.Response:
    return browser.post(form[0], form[1], timeout=20)


def test_appointed_people_get_in_and_nothing_else_does(world: World, public: Site) -> None:
    address = "ana@institution.example"
    person = actions.staff_member(name="Ana", email=address)
    actions.appoint(
        person=person, hearing_id=world.hearing.id, role=Role.MODERATOR, actor=world.office
    )
    office = f"{public.url}/office/"
    browser = _browser()
    page = finish(browser, answered(public, browser, address))
    assert (page.status_code, page.url) == (200, office)
    assert SignInSession.objects.get(person=person).proof == "institution"

    people = Person.objects.count()
    for stranger in ("new@institution.example", "ana@elsewhere.example"):
        other = _browser()
        assert finish(other, answered(public, other, stranger)).status_code == 403
        assert other.get(office, timeout=20).url != office
    assert Person.objects.count() == people

    forged = _browser()
    action, fields = answered(public, forged, "new@institution.example")
    answer = base64.b64decode(fields["SAMLResponse"]).replace(b"new@", b"ana@")
    fields["SAMLResponse"] = base64.b64encode(answer).decode()
    assert finish(forged, (action, fields)).status_code == 403
    assert forged.get(office, timeout=20).url != office

    # An answer belongs to the browser that asked for it.
    asked, stolen = _browser(), _browser()
    form = answered(public, asked, address)
    assert finish(stolen, form).status_code == 403
    assert stolen.get(office, timeout=20).url != office

    metadata = requests.get(f"{public.url}/sign-in/saml/saml/metadata/", timeout=20)
    assert "AssertionConsumerService" in metadata.text


def _browser() -> requests.Session:
    """A session that sends cookies for TLS to localhost, as browsers do."""
    session = requests.Session()
    session.cookies.set_policy(_Trusting())
    return session


class _Trusting(DefaultCookiePolicy):
    def return_ok_secure(self, cookie: object, request: object) -> bool:
        """Take localhost for safe."""
        return True
