"""The engine's settings: typed, with defaults, and refused with a sentence if invalid."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hemicycle.engine.secret import made_once
from hemicycle.engine.settings import Settings, read
from hemicycle.engine.video.geometry import LARGE, Size
from hemicycle.settings_sources import WrongSetting
from hemicycle.site.processes import commands


def test_on_one_machine_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = read({"HEMICYCLE_DATA_DIR": str(tmp_path)})
    assert settings == Settings(
        url="http://127.0.0.1:8090",
        web_url="http://localhost:8000",
        port=20000,
        tcp_port=20000,
        addresses=(),
        segments=tmp_path / "segments",
        size=Size(640, 360),
        fps=25,
        bit_rate=800_000,
        given_secret="",
        secret_file=tmp_path / "keys/media",
        size_fits=True,
    )
    assert not settings.may_reach("127.0.0.1")
    assert settings.listen == ("127.0.0.1", 8090)


def test_the_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = read({"HEMICYCLE_DATA_DIR": str(tmp_path)})
    assert not settings.secret_file.exists()
    assert settings.secret == settings.secret
    assert len(settings.secret) >= 50
    assert settings.secret_file.stat().st_mode & 0o777 == 0o600
    given = {"HEMICYCLE_DATA_DIR": str(tmp_path), "HEMICYCLE_MEDIA_SECRET": "k" * 32}
    assert read(given).secret == "k" * 32


def test_threads_that_are_the_first_at_once_read_the_same_secret(tmp_path: Path) -> None:
    def first(number: int) -> set[str]:
        file = tmp_path / str(number)
        with ThreadPoolExecutor(8) as threads:
            return {*threads.map(lambda _: made_once(file), range(8))}

    assert {len(first(number)) for number in range(40)} == {1}


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    settings = read(
        {
            "HEMICYCLE_DATA_DIR": str(tmp_path),
            "HEMICYCLE_BASE_URL": "https://hearing.example/",
            "HEMICYCLE_MEDIA_URL": "http://media.example:9000/",
            "HEMICYCLE_MEDIA_PORT": "50000",
            "HEMICYCLE_MEDIA_TCP_PORT": "443",
            "HEMICYCLE_MEDIA_CONNECTIONS": "50",
            "HEMICYCLE_MEDIA_ADDRESSES": "192.0.2.7, 2001:db8::7",
            "HEMICYCLE_MEDIA_SEGMENTS": str(tmp_path / "other"),
            "HEMICYCLE_MEDIA_PICTURE": "1280x720",
            "HEMICYCLE_MEDIA_RELAYS": "2",
        }
    )
    assert (settings.url, settings.web_url) == (
        "http://media.example:9000",
        "https://hearing.example",
    )
    assert settings.listen == ("media.example", 9000)
    assert (settings.port, settings.tcp_port, settings.connections) == (50000, 443, 50)
    assert settings.addresses == (("192.0.2.7", "2001:db8::7"))
    assert settings.relays == 2
    assert (settings.segments, settings.size) == (tmp_path / "other", (1280, 720))
    assert settings.bit_rate == 2_262_000  # a larger picture has a higher rate, unless one is given
    large = {"HEMICYCLE_MEDIA_PICTURE": "1280x720", "HEMICYCLE_MEDIA_KBPS": "900"}
    assert read(large).bit_rate == 900_000
    assert read({"HEMICYCLE_MEDIA_PICTURE": "320x176"}).bit_rate == 800_000
    assert not read(large).size_fits


def test_without_a_size_the_machine_is_asked_which_it_carries() -> None:
    assert read({}).size_fits
    fitted = read({}).with_size(LARGE)
    assert (fitted.size, fitted.bit_rate, fitted.size_fits) == (LARGE, 2_262_000, False)
    assert read({"HEMICYCLE_MEDIA_KBPS": "900"}).with_size(LARGE).bit_rate == 900_000


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("URL", "media", "it must be an address such as http://127.0.0.1:8090, without a path"),
        ("SITE", "http://a/b", "it must be an address such as"),
        ("PORT", "40000-40999", "it must be a whole number from 1 to 65535"),
        ("PORT", "70000", "it must be a whole number from 1 to 65535"),
        ("TCP_PORT", "off", "it must be a whole number from 1 to 65535"),
        ("CONNECTIONS", "1", "it must be a whole number from 2 to 20000"),
        ("ADDRESSES", "media.example", "it must be IP addresses, separated by commas"),
        ("PICTURE", "large", "it must be auto, or width and height in pixels, as in 640x360"),
        ("PICTURE", "642x360", "each side must be 128 to 1920 pixels, in steps of 8"),
        ("FPS", "0", "it must be a whole number from 5 to 60"),
        ("KBPS", "1.5", "it must be a whole number from 100 to 10000"),
    ],
)
def test_a_wrong_one_is_told_with_its_name(name: str, value: str, sentence: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read({f"HEMICYCLE_MEDIA_{name}": value})
    assert str(wrong.value).startswith(f"HEMICYCLE_MEDIA_{name} is {value!r}: {sentence}")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOG_FORMAT", "xml", "it must be text or json"),
        ("TRUSTED_PROXIES", "proxy.example", "it must be IP addresses and networks, separated"),
    ],
)
def test_a_wrong_one_that_web_shares_is_told_too(name: str, value: str, sentence: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        read({f"HEMICYCLE_{name}": value})
    assert str(wrong.value).startswith(f"HEMICYCLE_{name} is {value!r}: {sentence}")


def test_it_shares_the_format_of_the_log_and_the_proxies_with_web() -> None:
    given = {"HEMICYCLE_LOG_FORMAT": "json", "HEMICYCLE_TRUSTED_PROXIES": "192.0.2.0/24, ::1"}
    settings = read(given)
    assert (settings.log_format, settings.trusted_proxies) == ("json", ("192.0.2.0/24", "::1"))


def test_a_first_site_uses_the_ports_of_the_settings() -> None:
    chosen = read({})
    assert chosen.port == commands.SOUND_AND_PICTURE_AT
    assert chosen.listen == commands.ENGINE_AT


def test_a_secret_is_not_told_when_it_is_wrong() -> None:
    with pytest.raises(WrongSetting) as wrong:
        read({"HEMICYCLE_MEDIA_SECRET": "hush"})
    assert "hush" not in str(wrong.value)
