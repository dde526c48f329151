"""The sources of settings: the environment, a settings file, and files with secrets.

A variable of the environment has priority over the settings file. Only the first of these files is
read: the one that `HEMICYCLE_SETTINGS_FILE` names, `hemicycle.toml` in the data folder,
`/etc/hemicycle/hemicycle.toml`. A secret may be in a separate file, whose path is the value of the
variable or key with `_FILE` after its name. Values are not copied into the environment, so that
programs that we start do not inherit them.
"""

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from hemicycle import settings_table as table
from hemicycle.settings_table import FROM_FILE, PREFIX

NAME = "hemicycle.toml"
SYSTEM_FILE = Path("/etc/hemicycle") / NAME
SETTINGS_FILE = f"{PREFIX}SETTINGS_FILE"
DATA_DIR = f"{PREFIX}DATA_DIR"
MOST_BYTES = 2**20
"""The size limit of a settings file or of a secret's file, in bytes."""


class WrongSetting(ValueError):
    """A wrong setting; `str()` names the setting and says what is expected."""


@dataclass(frozen=True, slots=True)
class Given:
    """The values by variable; `labels` names the source of each value not set as its variable."""

    values: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    """The settings file that was read."""
    secret_files: Mapping[str, Path] = field(default_factory=dict)
    """The files from which secrets were read, by variable."""

    def get(self, name: str, default: str = "") -> str:
        """Return the value of a variable, or the default if it is missing or empty."""
        return self.values.get(name, "") or default

    def wrong(self, name: str, raw: str, reason: object) -> WrongSetting:
        """Return the error for a value; the value of a secret is not shown."""
        shown = "wrong" if name in table.secrets() else repr(raw)
        return WrongSetting(f"{self.labels.get(name, name)} is {shown}: {reason}.")


def given() -> Given:
    """Return all given settings, read once per process; raise `WrongSetting`."""
    ours = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    return _remembered(tuple(sorted(ours.items())))


def forget() -> None:
    """Discard the cached values after a file was written; the next `given` reads it again."""
    _remembered.cache_clear()


@lru_cache(maxsize=4)
def _remembered(environ: tuple[tuple[str, str], ...]) -> Given:
    return read(dict(environ))


def read(environ: Mapping[str, str]) -> Given:
    """Return the settings from an environment and its settings file; raise `WrongSetting`."""
    first = _stripped(environ)
    file, content = _settings_file(first)
    second, labels = _of_file(file, content) if file else ({}, {})
    if file and not _is_system_or_named(file, first) and DATA_DIR in second:
        raise WrongSetting(
            f"data_dir in {file} has no effect there: set {DATA_DIR}, or move the file to "
            f"{SYSTEM_FILE}."
        )
    overridden = {name for name in second if name in first or _other_of(name) in first}
    merged = {name: value for name, value in second.items() if name not in overridden} | first
    return _with_secrets(merged, {name: labels[name] for name in labels if name in merged}, file)


def unknown(names: Iterable[str]) -> str | None:
    """Return a sentence about the first name with our prefix that no setting has, or None."""
    for name in sorted(names):
        if name.startswith(PREFIX) and not _is_known(name):
            return f"{name} is not a setting of Hemicycle. {_hint(name, name)}"
    return None


def _stripped(environ: Mapping[str, str]) -> dict[str, str]:
    values = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
    return {name: value for name, value in values.items() if value}


def _is_known(name: str) -> bool:
    return name in table.settings() or name.removesuffix(FROM_FILE) in table.secrets()


def _other_of(name: str) -> str:
    """Return the other name of a secret: `X_FILE` for `X`, `X` for `X_FILE`."""
    return name.removesuffix(FROM_FILE) if name.endswith(FROM_FILE) else name + FROM_FILE


def _hint(name: str, as_written: str) -> str:
    known = [*table.settings(), *(secret + FROM_FILE for secret in table.secrets())]
    bare = [variable.removeprefix(PREFIX) for variable in known]
    near = get_close_matches(name.removeprefix(PREFIX), bare, n=1)
    if not near:
        return "docs/settings.md lists them all."
    return f"Did you mean {PREFIX + near[0] if as_written == name else near[0].lower()}?"


# ── The settings file ─────────────────────────────────────────────────────────────────────────
def _settings_file(environ: Mapping[str, str]) -> tuple[Path | None, str]:
    """Return the settings file and its content; the file is None if there is none."""
    if named := environ.get(SETTINGS_FILE):
        file = Path(named).expanduser().absolute()
        content = _content(file)
        if content is None:
            raise WrongSetting(f"There is no file {file}, which {SETTINGS_FILE} names.")
        return file, content
    for file in (_data_dir(environ) / NAME, SYSTEM_FILE):
        if (content := _content(file)) is not None:
            return file, content
    return None, ""


def _data_dir(environ: Mapping[str, str]) -> Path:
    return Path(environ.get(DATA_DIR) or "var").expanduser().absolute()


def _is_system_or_named(file: Path, environ: Mapping[str, str]) -> bool:
    return file == SYSTEM_FILE or SETTINGS_FILE in environ


def _content(file: Path) -> str | None:
    """Return the text of a file, or None if it does not exist."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise WrongSetting(f"{file} has more than {MOST_BYTES // 1024} KB: it is another file.")
        return raw.decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise WrongSetting(
            f"{file} cannot be read: {error.strerror}. Let the user who runs Hemicycle read it."
        ) from error
    except UnicodeDecodeError as error:
        raise WrongSetting(f"{file} is not a text in UTF-8.") from error


def _of_file(file: Path, content: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values of a settings file by variable, and their names for messages."""
    try:
        rows = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise WrongSetting(f"{file} is not valid TOML: {error}.") from error
    values: dict[str, str] = {}
    labels: dict[str, str] = {}
    for key, value in _flat(rows):
        name = PREFIX + key.upper()
        if not _is_known(name) or name == SETTINGS_FILE:
            bare = name.replace(PREFIX * 2, PREFIX)
            raise WrongSetting(f"{key} in {file} is not a setting of Hemicycle. {_hint(bare, key)}")
        if text := _as_text(name, key, value, file):
            values[name] = text
            labels[name] = f"{key} in {file}"
    return values, labels


def _flat(rows: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the keys of nested tables, joined by underscores: `[mail] from` is `mail_from`."""
    for key, value in rows.items():
        whole = f"{above}_{key}" if above else key
        if isinstance(value, dict) and _type(PREFIX + whole.upper()) != "object":
            yield from _flat(value, whole)
        else:
            yield whole, value


def _type(name: str) -> str:
    setting = table.settings().get(name)
    return setting.type if setting else ""


def _as_text(name: str, key: str, value: object, file: Path) -> str:
    """Return a value as the text that the environment would have."""
    kind = _type(name)
    match value:
        case dict():
            return json.dumps(value)
        case bool() if kind == "yes or no":
            return "1" if value else "0"
        case bool():
            pass
        case str() | int():
            return str(value).strip()
        case list() if kind.startswith("list") and all(isinstance(item, str) for item in value):
            return (" " if kind == "list of addresses" else ",").join(value)
    raise WrongSetting(
        f"{key} in {file} has a value of the wrong type: it takes {_expected(kind)}."
    )


def _expected(kind: str) -> str:
    return {
        "whole number": "a whole number",
        "yes or no": "true or false",
        "list": "texts in brackets",
        "list of addresses": "texts in brackets",
        "object": "a table",
    }.get(kind, "a text in quotes")


# ── Secrets from files ────────────────────────────────────────────────────────────────────────
def _with_secrets(values: dict[str, str], labels: dict[str, str], file: Path | None) -> Given:
    found = dict(values)
    files: dict[str, Path] = {}
    for name in table.secrets():
        place = found.pop(name + FROM_FILE, "")
        label = labels.pop(name + FROM_FILE, name + FROM_FILE)
        if not place:
            continue
        if name in found:
            own = labels.get(name, name)
            raise WrongSetting(f"{own} and {label} are both given: keep one of them.")
        secret = Path(place).expanduser().absolute()
        content = _content(secret)
        if content is None:
            raise WrongSetting(f"There is no file {secret}, which {label} names.")
        if not content.strip():
            raise WrongSetting(f"{secret}, which {label} names, is empty.")
        found[name] = content.strip()
        labels[name] = f"{name} in {secret}"
        files[name] = secret
    return Given(found, labels, file, files)
