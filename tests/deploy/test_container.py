"""The files of the container, as far as they can be tested without a container engine."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from hemicycle import settings_table
from hemicycle.engine.settings import VARIABLES
from hemicycle.meeting.room import turn
from hemicycle.meeting.room.turn import TurnServers
from hemicycle.site import env
from hemicycle.site.cli import COMMANDS
from hemicycle.site.operating.checks import relays
from tests.support.coturn import SECRET, certified, running

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.test_all("deployment")

ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "deploy/container"
OURS = ("migrate", "web", "worker", "mail", "media")


@pytest.fixture(scope="module")
def compose() -> Any:
    return _read("compose.yaml")


@pytest.fixture(scope="module")
def on_443() -> Any:
    """What the file for the relay on port 443 adds."""
    return _read("relay-443.yaml")


def test_each_process_is_a_service_of_one_image(compose: Any) -> None:
    services = compose["services"]
    assert [name for name in services if services[name]["image"] == "hemicycle"] == list(OURS)
    for name in OURS:
        assert services[name]["command"][0] == name
        assert name in COMMANDS


def test_services_wait_for_what_they_need(compose: Any) -> None:
    services = compose["services"]
    assert set(services["migrate"]["depends_on"]) == {"database"}
    for name in OURS[1:]:
        assert set(services[name]["depends_on"]) == {"migrate"}
    assert set(services["proxy"]["depends_on"]) == {"web"}


def test_every_variable_is_one_that_hemicycle_reads(compose: Any) -> None:
    named = set(compose["services"]["web"]["environment"])
    image = set(re.findall(r"HEMICYCLE_\w+", (CONTAINER / "Containerfile").read_text()))
    assert named | image <= env.DECLARED.keys() | VARIABLES.keys()


def test_the_proxy_gets_what_its_configuration_reads(compose: Any) -> None:
    """The proxy has each variable and, read-only, each folder that its configuration names."""
    proxy = compose["services"]["proxy"]
    caddyfile = (ROOT / "deploy/caddy/Caddyfile").read_text()
    assert set(re.findall(r"\{\$(\w+):", caddyfile)) == set(proxy["environment"])
    shared = {volume.split(":")[1] for volume in compose["services"]["web"]["volumes"]}
    for folder in re.findall(r"root \* (\S+)", caddyfile):
        assert folder in shared
        assert any(volume.split(":")[1:] == [folder, "ro"] for volume in proxy["volumes"])


def test_every_volume_is_declared_and_written_by_its_user(compose: Any) -> None:
    image = (CONTAINER / "Containerfile").read_text()
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            name, folder = volume.split(":")[:2]
            assert name in compose["volumes"] or (CONTAINER / name).exists()
            if service["image"] == "hemicycle":
                assert folder in image


def test_the_port_of_the_engine_is_published(compose: Any) -> None:
    port = settings_table.settings()["HEMICYCLE_MEDIA_PORT"].default
    media = compose["services"]["media"]
    assert media["ports"] == [f"{port}:{port}/udp", f"{port}:{port}/tcp"]


def test_the_relay_and_the_site_share_a_secret(compose: Any) -> None:
    site = compose["services"]["web"]["environment"]
    relay = compose["services"]["turn"]
    assert site["HEMICYCLE_TURN_SECRET"] == "${TURN_SECRET}"
    assert "--static-auth-secret=${TURN_SECRET}" in relay["command"]
    assert "--use-auth-secret" in relay["command"]
    assert {port for _, port, _ in _urls(site)} == {port for port, _ in _published(relay)}


def test_the_relay_on_443_changes_only_what_it_must(compose: Any, on_443: Any) -> None:
    """It replaces the relay's command and adds a port, which the proxy can leave free."""
    before, after = (made["services"]["turn"]["command"] for made in (compose, on_443))
    other = {"--cert", "--pkey", "--tls-listening-port", "--no-tlsv1", "--no-tlsv1_1"}
    assert {line for line in after if line.partition("=")[0] not in other} == {
        line for line in before if line != "--no-tls"
    }
    at_443 = [port for port in compose["services"]["proxy"]["ports"] if ":443" in port]
    assert all(port.startswith("${HTTPS_AT:-443}:443") for port in at_443)
    more = _published(on_443["services"]["turn"], "${TURN_ADDRESS}:")
    published = {*_published(compose["services"]["turn"]), *more}
    urls = _urls(on_443["services"]["web"]["environment"])
    assert {(port, "udp" if kind == "udp" else "tcp") for _, port, kind in urls} == published
    assert {host for host, _, _ in urls} == {"hearing.example"}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("turnserver"), reason="it needs coturn")
@pytest.mark.parametrize("name", ["compose.yaml", "relay-443.yaml"])
def test_the_relay_relays(
    name: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debian's coturn relays with the container's arguments and credentials of the site."""
    relay, engine = f"127.67.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}", "192.0.2.1"
    key, certificate = certified(tmp_path, relay)
    values = {"${TURN_SECRET}": SECRET, "${SITE}": "hearing.example", "${PUBLIC_ADDRESS}": engine}
    values |= {"/etc/turn/fullchain.pem": str(certificate), "/etc/turn/privkey.pem": str(key)}
    command = "\n".join(_read(name)["services"]["turn"]["command"])
    for before, after in values.items():
        command = command.replace(before, after)
    urls = [f"turn:{relay}:3478", f"turn:{relay}:3478?transport=tcp"]
    if name == "relay-443.yaml":
        urls.append(f"turns:{relay}:5349")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.TURN = TurnServers(tuple(urls), SECRET)
    settings.MEDIA_ENGINE = replace(settings.MEDIA_ENGINE, addresses=(engine,))
    here = ["-n", f"--listening-ip={relay}", f"--relay-ip={relay}", f"--pidfile={tmp_path}/pid"]
    with running(tmp_path, (relay, 3478), *here, *command.split("\n")):
        assert {trial.outcome for trial in relays.tried(5)} == {relays.RelayOutcome.WORKS}


def _read(name: str) -> Any:
    return yaml.safe_load((CONTAINER / name).read_text())


def _urls(site: Any) -> list[tuple[str, int, str]]:
    """Return host, port and transport of each relay that the site names."""
    named = re.sub(r"\$\{\w+\}", "hearing.example", site["HEMICYCLE_TURN_URLS"])
    return [turn.parse_url(url) for url in named.split(",")]


def _published(service: Any, address: str = "") -> list[tuple[int, str]]:
    """Return port and protocol of each port that a service publishes; all are at `address`."""
    ports = [port.removeprefix(address).partition("/") for port in service["ports"]]
    return [(int(numbers.partition(":")[0]), kind) for numbers, _, kind in ports]
