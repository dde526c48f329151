"""What doctor and the operations page find at a real relay: coturn, set up as deployed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hemicycle.meeting.room import turn
from hemicycle.meeting.room.turn import TurnServers
from hemicycle.site.operating.checks import relays
from hemicycle.site.operating.doctor import Diagnosis, Health
from tests.support.coturn import SECRET, coturn

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.geteuid() != 0 or not shutil.which("turnserver"), reason="it needs root and coturn"
    ),
]

# Each process that runs tests has a relay of its own.
RELAY = f"127.66.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}"
ENGINE, OTHER = "192.0.2.1", "192.0.2.2"
UDP = f"turn:{RELAY}:3478"
TCP = f"turn:{RELAY}:3478?transport=tcp"
TLS = f"turns:{RELAY}:443?transport=tcp"
ALL = (UDP, TCP, TLS)
EACH = pytest.mark.parametrize("url", ALL, ids=["udp", "tcp", "tls"])
NOBODY = "127.66.255.254"
"""An address at which nothing listens."""


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A relay that relays to the engine only; the value is the folder with its certificate."""
    folder = tmp_path_factory.mktemp("relay")
    with coturn(folder, relay=RELAY, engine=ENGINE):
        yield folder


@pytest.fixture(autouse=True)
def shared(settings: Settings, relay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site knows the relay, its secret and its certificate."""
    settings.TURN = TurnServers(ALL, SECRET)
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, addresses=(ENGINE,))
    monkeypatch.setenv("SSL_CERT_FILE", str(relay / "turn.pem"))
    monkeypatch.setattr(relays, "TIMEOUT_S", 1.0)
    monkeypatch.setattr(relays, "PAGE_TIMEOUT_S", 1.0)
    monkeypatch.setattr(relays, "_kept", relays._KeptTrials())


def diagnoses() -> list[Diagnosis]:
    return list(relays.relays_answer())


def shown() -> list[Diagnosis]:
    """Return the findings of the operations page, and check that they do not name the relay."""
    found = list(relays.relays_work())
    assert not any(RELAY in finding.found + finding.advice for finding in found)
    return found


def test_a_relay_that_relays_by_each_way() -> None:
    found = diagnoses()
    assert [finding.health for finding in found] == [Health.OK] * 3
    assert [finding.found.split()[0] for finding in found] == list(ALL)
    assert [finding.health for finding in shown()] == [Health.OK]


@EACH
def test_a_relay_with_another_secret(settings: Settings, url: str) -> None:
    settings.TURN = TurnServers((url,), "another secret")
    (finding,) = diagnoses()
    assert finding.health is Health.FAULT
    assert finding.found == f"{url} refuses the credentials of this site (401 Unauthorized)"
    assert "HEMICYCLE_TURN_SECRET" in finding.advice
    (row,) = shown()
    assert (row.health, "HEMICYCLE_TURN_SECRET" in row.advice) == (Health.FAULT, True)


@EACH
def test_a_relay_for_which_a_new_pass_has_expired(
    settings: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the relay's clock were more than an hour ahead, the passes end before they begin."""
    monkeypatch.setattr(turn, "LASTS_S", -60)
    settings.TURN = TurnServers((url,), SECRET)
    (finding,) = diagnoses()
    assert finding.health is Health.FAULT
    assert finding.found.startswith(f"{url} takes new credentials of this site for expired (401 ")
    assert "clock" in finding.advice
    (row,) = shown()
    assert (row.health, "clock" in row.advice) == (Health.FAULT, True)


def test_a_relay_whose_certificate_browsers_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    *without_tls, finding = diagnoses()
    assert {one.health for one in without_tls} == {Health.OK}
    assert finding.health is Health.FAULT
    assert finding.found.startswith(f"browsers refuse the certificate of {TLS}: self")


def test_a_relay_that_relays_to_another_engine(settings: Settings) -> None:
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, addresses=("2001:db8::1", OTHER))
    found = diagnoses()
    assert {finding.health for finding in found} == {Health.FAULT}
    assert f"relays nothing to the media engine ({OTHER}: 403 " in found[0].found
    assert "allowed-peer-ip" in found[0].advice


def test_no_relay_there(settings: Settings) -> None:
    settings.TURN = TurnServers(tuple(url.replace(RELAY, NOBODY) for url in ALL), SECRET)
    found = diagnoses()
    assert {finding.health for finding in found} == {Health.FAULT}
    assert all(finding.found.startswith("no server answers at turn") for finding in found)
    (row,) = shown()
    assert "does not work" in row.found


def test_a_site_without_relays_has_no_finding(settings: Settings) -> None:
    settings.TURN = TurnServers()
    assert diagnoses() == shown() == []


def test_the_page_asks_again_after_a_minute(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def tried(timeout_s: float) -> list[relays.RelayTrial]:
        asked.append(timeout_s)
        return [relays.RelayTrial(UDP, relays.RelayOutcome.WORKS)]

    monkeypatch.setattr(relays, "tried", tried)
    shown()
    shown()
    assert asked == [relays.PAGE_TIMEOUT_S]
    monkeypatch.setattr(relays, "KEPT_S", -1.0)
    settings.TURN = TurnServers((UDP,), SECRET)  # other settings have other findings
    shown()
    shown()
    assert len(asked) == 3
