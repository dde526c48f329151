"""The table of all settings, `settings_table.toml`, from which `docs/settings.md` is generated."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PREFIX = "HEMICYCLE_"
FROM_FILE = "_FILE"
"""The suffix of a secret's variable that names a file with the secret."""
_TABLE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting, as documented.

    `key` is its name in a settings file. `default` is literal; it is None if the default is a file,
    nothing or another setting, which `default_in_words` then describes. A `secret` is never printed
    and may come from a separate file. A public site must set what is `needed`.
    """

    key: str
    type: str
    meaning: str
    default: str | None = None
    default_in_words: str = ""
    needed: bool = False
    secret: bool = False

    @property
    def variable(self) -> str:
        """The name of the setting in the environment."""
        return PREFIX + self.key.upper()


@cache
def settings() -> dict[str, Setting]:
    """Return all settings by their variables, in alphabetical order."""
    rows = tomllib.loads(_TABLE.read_text("utf-8"))
    found = [Setting(key=key, **row) for key, row in rows.items()]
    return {setting.variable: setting for setting in found}


@cache
def secrets() -> frozenset[str]:
    """Return the variables whose values are never printed."""
    return frozenset(name for name, setting in settings().items() if setting.secret)


def as_markdown() -> str:
    """Return the table for `docs/settings.md`."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| variable | type | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, setting in settings().items():
        mark = " ●" if setting.needed else ""
        kind = f"{setting.type}, secret" if setting.secret else setting.type
        default = setting.default_in_words or f"`{setting.default}`"
        yield f"| `{name}`{mark} | {kind} | {default} | {setting.meaning} |"
