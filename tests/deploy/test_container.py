"""The container's files, as far as they can be tried without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hemicycle import settings_table
from hemicycle.engine.settings import VARIABLES
from hemicycle.meeting.room import turn
from hemicycle.site import env
from hemicycle.site.cli import COMMANDS

ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "deploy/container"
OURS = ("migrate", "web", "worker", "mail", "media")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((CONTAINER / "compose.yaml").read_text())


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
    """It sees the same files under the same names, and finds both processes."""
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
    ports = {int(port.partition(":")[0]) for port in relay["ports"]}
    urls = site["HEMICYCLE_TURN_URLS"].split(",")
    assert {turn.parse_url(url.replace("${SITE}", "hearing.example"))[1] for url in urls} == ports
