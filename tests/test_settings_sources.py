"""Where settings come from: the environment, one settings file, files of secrets."""

from pathlib import Path

import pytest

from hemicycle import settings_sources as sources
from hemicycle.settings_sources import WrongSetting


def read(folder: Path, content: str = "", **environ: str) -> sources.Given:
    if content:
        (folder / "hemicycle.toml").write_text(content)
    return sources.read({"HEMICYCLE_DATA_DIR": str(folder), **environ})


def test_values_have_the_form_of_the_environment(tmp_path: Path) -> None:
    given = read(
        tmp_path,
        """
        debug = true
        hosts = ["a.example", "b.example"]
        [mailroom]
        imap = ["imaps://a@h.example/INBOX", "imaps://b@h.example/INBOX"]
        most_mb = 20
        [mail_options]
        server_token = "t"
        """,
    )
    assert {name: value for name, value in given.values.items() if "DATA_DIR" not in name} == {
        "HEMICYCLE_DEBUG": "1",
        "HEMICYCLE_HOSTS": "a.example,b.example",
        "HEMICYCLE_MAILROOM_IMAP": "imaps://a@h.example/INBOX imaps://b@h.example/INBOX",
        "HEMICYCLE_MAILROOM_MOST_MB": "20",
        "HEMICYCLE_MAIL_OPTIONS": '{"server_token": "t"}',
    }


def test_the_environment_wins_unless_it_is_empty(tmp_path: Path) -> None:
    content = 'base_url = "https://file.example"\nlog_level = "INFO"\nsecret_key = "one"'
    given = read(
        tmp_path,
        content,
        HEMICYCLE_BASE_URL="https://e.example",
        HEMICYCLE_LOG_LEVEL=" ",
        HEMICYCLE_SECRET_KEY="two",
    )
    assert given.get("HEMICYCLE_BASE_URL") == "https://e.example"
    assert given.get("HEMICYCLE_LOG_LEVEL") == "INFO"
    assert given.get("HEMICYCLE_SECRET_KEY") == "two"


def test_a_file_of_a_secret_in_the_environment_wins_over_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from its file\n")
    given = read(tmp_path, 'secret_key = "x"', HEMICYCLE_SECRET_KEY_FILE=str(tmp_path / "key"))
    assert given.get("HEMICYCLE_SECRET_KEY") == "from its file"
    assert given.secret_files == {"HEMICYCLE_SECRET_KEY": tmp_path / "key"}


def test_a_named_file_is_read_instead_of_the_one_in_the_data_folder(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(f'log_level = "DEBUG"\ndata_dir = "{tmp_path}/elsewhere"')
    given = sources.read({"HEMICYCLE_SETTINGS_FILE": str(other)})
    assert (given.file, given.get("HEMICYCLE_LOG_LEVEL")) == (other, "DEBUG")
    assert given.get("HEMICYCLE_DATA_DIR") == f"{tmp_path}/elsewhere"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("base_ulr = 'x'", "base_ulr in {} is not a setting of Hemicycle. Did you mean base_url?"),
        ("[mail]\nform = 'x'", "mail_form in {} is not a setting of Hemicycle. Did you mean mail_"),
        ("zebra = 1", "zebra in {} is not a setting of Hemicycle. docs/settings.md lists them all"),
        ("settings_file = 'x'", "settings_file in {} is not a setting"),
        ("log_level_file = 'x'", "log_level_file in {} is not a setting"),
        ("debug = 'a", "{} is not valid TOML: "),
        ("hosts = [1]", "hosts in {} has a value of the wrong type: it takes texts in brackets."),
        ("session_hours = 1.5", "session_hours in {} has a value of the wrong type: it takes a w"),
        ("session_hours = true", "session_hours in {} has a value of the wrong type: it takes a w"),
        ("data_dir = '/srv'", "data_dir in {} has no effect there: set HEMICYCLE_DATA_DIR, or "),
        ("smtp_url_file = '/no/where'", "There is no file /no/where, which smtp_url_file in {} n"),
        (
            "smtp_url = 'a'\nsmtp_url_file = '/no/where'",
            "smtp_url in {} and smtp_url_file in {} are both given: keep one of them.",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(
    content: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(tmp_path, content)
    assert sentence.replace("{}", str(tmp_path / "hemicycle.toml")) in str(refused.value)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"There is no file /no/file\.toml, which HEMICYCLE_S"):
        sources.read({"HEMICYCLE_SETTINGS_FILE": "/no/file.toml"})
    with pytest.raises(WrongSetting, match="cannot be read: Is a directory"):
        sources.read({"HEMICYCLE_SETTINGS_FILE": str(tmp_path)})
    (tmp_path / "hemicycle.toml").write_bytes(b"\xff")
    with pytest.raises(WrongSetting, match="is not a text in UTF-8"):
        read(tmp_path)
    (tmp_path / "hemicycle.toml").write_bytes(b"#" * (sources.MOST_BYTES + 1))
    with pytest.raises(WrongSetting, match="has more than 1024 KB"):
        read(tmp_path)


def test_an_empty_file_of_a_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(WrongSetting, match="which HEMICYCLE_MODEL_KEY_FILE names, is empty"):
        read(tmp_path, HEMICYCLE_MODEL_KEY_FILE=str(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("HEMICYCLE_ZEBRA", "HEMICYCLE_ZEBRA is not a setting of Hemicycle. docs/settings.md"),
        ("HEMICYCLE_HOST", "Did you mean HEMICYCLE_HOSTS?"),
        ("HEMICYCLE_SMTP_URL_FILES", "Did you mean HEMICYCLE_SMTP_URL_FILE?"),
        ("HEMICYCLE_LOG_LEVEL_FILE", "HEMICYCLE_LOG_LEVEL_FILE is not a setting"),
    ],
)
def test_an_unknown_variable_is_named_with_the_nearest_known(name: str, sentence: str) -> None:
    told = sources.unknown(["HOME", "HEMICYCLE_DEBUG", "HEMICYCLE_SMTP_URL_FILE", name])
    assert told is not None
    assert sentence in told
