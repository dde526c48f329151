"""The settings: all are documented, and those of a public site are strict."""

import os
import re
import runpy
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured

# The settings were loaded when pytest started, so `DECLARED` is complete.
from hemicycle import settings_sources
from hemicycle import settings_table as table
from hemicycle.engine.secret import make_private
from hemicycle.site import env
from hemicycle.site.env import DECLARED
from tools import settings_page

ROOT = Path(__file__).parents[2]
TOLD_OF_THE_ENGINE = {
    f"HEMICYCLE_MEDIA_{name}"
    for name in (
        *("ADDRESSES", "EDGES", "EDGE_API", "KBPS", "MACHINE", "SECRET", "SEGMENTS", "SITE"),
        "TCP_PORT",
    )
}


def load(folder: Path, **given: str) -> SimpleNamespace:
    """Run the settings' module again with the variables `given`, as a process does at its start.

    Return its names, but leave the settings of this process as they are.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HEMICYCLE")]:
            patch.delenv(name)
        for name, value in {"HEMICYCLE_DATA_DIR": str(folder), **given}.items():
            patch.setenv(name, value)
        settings_sources.forget()
        return SimpleNamespace(**runpy.run_path(str(env.PACKAGE_DIR / "site/settings.py")))


def test_every_variable_is_documented_and_nothing_else() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    documented = re.findall(r"^\| `(HEMICYCLE_\w+)`", page, re.MULTILINE)
    assert documented == sorted(DECLARED)
    assert documented == list(table.settings())


def test_the_page_is_made_from_the_table() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    shown = page.partition(settings_page.BEGINS)[2].partition(settings_page.ENDS)[0]
    assert shown == table.as_markdown(), "run `python -m tools.settings_page`"


def test_documented_defaults_are_the_real_ones() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    rows = re.findall(r"^\| `(HEMICYCLE_\w+)`[^|]*\|[^|]*\| `([^`|]+)` \|", page, re.MULTILINE)
    mailroom = {f"HEMICYCLE_MAILROOM_{x}" for x in ("CERTIFICATE", "CLAMD", "IMAP", "TRUSTED")}
    site = {
        f"HEMICYCLE_{x}"
        for x in ("DATABASE_DIRECT_URL", "DATABASE_URL", "SECRET_KEY", "STATIC_DIR")
    }
    site |= {"HEMICYCLE_SECRET_KEY_FALLBACKS", "HEMICYCLE_SETTINGS_FILE"}
    site.add("HEMICYCLE_LIMIT_FREE_NETWORKS")
    model = {"HEMICYCLE_MODEL_KEY", "HEMICYCLE_MODEL_URL"}
    ways = ("AUTHORITIES", "BACKEND", "BOUNCES", "FROM")
    post = {f"HEMICYCLE_MAIL_{x}" for x in ways} | {"HEMICYCLE_SMTP_URL"}
    sign_in = {name for name in DECLARED if re.match("HEMICYCLE_(INSTITUTION|OIDC|SAML)_", name)}
    about = ("CONTACT_EMAIL", "HANDBOOK_URL", "OPERATOR_ADDRESS", "OPERATOR_NAME", "PAGES_DIR")
    told_in_words = {
        "HEMICYCLE_METRICS_TOKEN",
        "HEMICYCLE_WEBCAST_STORE",
        "HEMICYCLE_TURN_SECRET",
        "HEMICYCLE_TURN_URLS",
        *(f"HEMICYCLE_{name}" for name in about),
        "HEMICYCLE_SECURITY_CONTACT",
        "HEMICYCLE_SENTRY_DSN",
        "HEMICYCLE_RECORD_KEY",
        *(
            f"HEMICYCLE_{of}_S3_{x}"
            for of in ("BACKUP", "FILES", "WEBCAST")
            for x in ("ENDPOINT", "KEY", "SECRET")
        ),
        "HEMICYCLE_TIMESTAMP_CERTIFICATE",
        "HEMICYCLE_TIMESTAMP_URL",
        *sign_in,
        *site,
        *mailroom,
        *model,
        *post,
        *TOLD_OF_THE_ENGINE,
    }
    assert dict(rows) == {
        name: default for name, default in DECLARED.items() if name not in told_in_words
    }


def test_a_local_site_makes_its_own_secret_and_keeps_it(tmp_path: Path) -> None:
    first = load(tmp_path).SECRET_KEY
    assert first == load(tmp_path).SECRET_KEY
    assert len(first) >= 50
    assert (tmp_path / "keys/secret").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["secret"]


def test_a_public_site_is_strict_and_its_cookies_belong_to_its_host_alone(tmp_path: Path) -> None:
    address = {"HEMICYCLE_BASE_URL": "https://hearing.example"}
    public = load(tmp_path, **address, HEMICYCLE_SECRET_KEY="k" * 50)
    assert public.SECRET_KEY == "k" * 50
    assert public.SECURE_HSTS_SECONDS > 0
    assert public.ALLOWED_HOSTS[-1] == "hearing.example"
    assert public.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN is False
    assert public.SESSION_COOKIE_SECURE is True
    assert public.CSRF_COOKIE_SECURE is True
    assert public.LANGUAGE_COOKIE_SECURE is True
    assert public.CSRF_COOKIE_HTTPONLY is True
    assert cookies(public) == (
        "__Host-",
        "__Host-hemicycle",
        "__Host-csrftoken",
        "__Host-messages",
        "__Host-hemicycle_language",
    )
    assert "__Host-" not in "".join(cookies(load(tmp_path)))


def cookies(settings: SimpleNamespace) -> tuple[str, ...]:
    """Return the prefix of cookies' names, and the names."""
    return (
        settings.COOKIE_PREFIX,
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.MESSAGE_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            {"HEMICYCLE_BASE_URL": "https://hearing.example"},
            "characters there, the same on each of its machines.",
        ),
        (
            {"HEMICYCLE_HOST": "hearing.example"},
            "HEMICYCLE_HOST is not a setting of Hemicycle. Did you mean HEMICYCLE_HOSTS?",
        ),
        (
            {"HEMICYCLE_DEBUG": "perhaps"},
            "HEMICYCLE_DEBUG is 'perhaps': it must be 1, true or yes, or 0, false or no.",
        ),
        (
            {"HEMICYCLE_SECURITY_CONTACT": "http://hearing.example/report"},
            "it must be an e-mail address, or begin with https:// or tel:.",
        ),
        (
            {"HEMICYCLE_PAGES_DIR": "/nowhere/at/all"},
            "HEMICYCLE_PAGES_DIR is '/nowhere/at/all': it must be a folder that exists.",
        ),
        (
            {"HEMICYCLE_MEDIA_FPS": "0"},
            "HEMICYCLE_MEDIA_FPS is '0': it must be a whole number from 5 to 60.",
        ),
    ],
)
def test_a_wrong_setting_stops_it_with_a_sentence(
    given: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        load(tmp_path, **given)
    assert str(refused.value).endswith(sentence)


@pytest.mark.parametrize(
    "given", [{"HEMICYCLE_MAILROOM_DNS": "1"}, {"HEMICYCLE_MAILROOM_TRUSTED": "mx.hearing.example"}]
)
def test_who_wrote_a_mail_is_checked_only_with_the_packages_for_it(
    given: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((name, value),) = given.items()
    load(tmp_path, **given)
    monkeypatch.setitem(sys.modules, "dkim", None)
    load(tmp_path)
    with pytest.raises(ImproperlyConfigured) as refused:
        load(tmp_path, **given)
    assert str(refused.value) == (
        f"{name} is {value!r}: install hemicycle[mail-authentication], "
        "whose packages are needed for it."
    )


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777, 0o2775])
def test_the_data_folder_is_closed_to_others_whatever_its_mode(mode: int, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)
    load(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_data_folder_is_made_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        load(tmp_path / "deep/data")
    finally:
        os.umask(before)
    assert (tmp_path / "deep/data").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_an_open_data_folder_of_somebody_else_stops_the_start() -> None:
    with TemporaryDirectory() as shared:  # the other user cannot enter pytest's own folders
        Path(shared).chmod(0o755)
        folder = Path(shared, "data")
        folder.mkdir()
        folder.chmod(0o777)
        told = _told_as_nobody(folder)
        assert f"{folder} is open to other users (mode 777)" in told


def _told_as_nobody(folder: Path) -> str:
    """Return the error that `make_private` raises for another user, or "" if it raises none."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.setuid(65534)
        try:
            make_private(folder)
        except PermissionError as error:
            os.write(theirs, str(error).encode())
        os._exit(0)
    os.close(theirs)
    os.waitpid(child, 0)
    with os.fdopen(ours) as told:
        return told.read()


def test_a_settings_file_and_a_file_of_a_secret_are_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("new" * 20 + "\n" + "old" * 20 + "\n")
    (tmp_path / "hemicycle.toml").write_text(
        f'base_url = "https://hearing.example"\nsecret_key_file = "{tmp_path / "key"}"\n'
        "session_hours = 5\n[mail]\nper_minute = 7\n[media]\nfps = 30\n"
    )
    read = load(tmp_path, HEMICYCLE_SESSION_HOURS="6")
    assert (read.BASE_URL, read.SETTINGS_FILE.name) == ("https://hearing.example", "hemicycle.toml")
    assert (read.SECRET_KEY, read.SECRET_KEY_FALLBACKS) == ("new" * 20, ["old" * 20])
    assert (read.SESSION_HOURS, read.MAIL_PER_MINUTE, read.MEDIA_ENGINE.fps) == (6, 7, 30)


def test_a_wrong_value_in_the_file_is_named_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "hemicycle.toml"
    file.write_text('[mail]\nper_minute = "many"\n')
    with pytest.raises(ImproperlyConfigured) as refused:
        load(tmp_path)
    assert str(refused.value) == (
        f"mail_per_minute in {file} is 'many': it must be a whole number, 0 or more."
    )


def test_a_wrong_secret_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        load(tmp_path, HEMICYCLE_SMTP_URL="me:hidden@mail.example")
    assert str(refused.value) == (
        "HEMICYCLE_SMTP_URL is wrong: it must begin with smtp:// or smtps:// and name a host."
    )
