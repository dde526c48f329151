"""The schema of a hearing's document, and its validation.

A *document* is a hearing as plain data: the content of the TOML file, the result of the office's
forms, and the result of reading a concept note. `read` takes any data and returns a complete
document (each key of `HEARING`, with defaults), or raises its problems.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email, validate_slug
from django.utils.translation import gettext as _

type Document = dict[str, Any]
type Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem at one place of a document, in a sentence that says how to correct it."""

    at: Path
    says: str
    line: int | None = None

    def __str__(self) -> str:
        if self.line is None:
            return self.says
        return _("Line %(line)d: %(sentence)s") % {"line": self.line, "sentence": self.says}

    def on(self, line: int | None) -> "Problem":
        """Return the same problem with its line in the file."""
        return replace(self, line=line)


class InvalidDocument(ValueError):
    """Raised for an invalid document; `problems` gives each reason in a sentence."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(slots=True)
class Validation:
    """The problems that were found in one document."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, at: Path, sentence: str) -> None:
        """Note that the value `at` is invalid."""
        self.problems.append(Problem(at, sentence))


type Check = Callable[[Validation, Path, Any], Any]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table: how its value is read, and its default."""

    check: Check
    default: Callable[[], Any]
    required: bool = False


def _name(at: Path) -> str:
    return next((part for part in reversed(at) if isinstance(part, str)), "")


def text(limit: int = 400, *, required: bool = False) -> Key:
    """Return a key for text of at most `limit` characters."""

    def check(validation: Validation, at: Path, value: Any) -> str:
        if not isinstance(value, str):
            validation.refuse(at, _("“%(key)s” must be text, in quotes.") % {"key": _name(at)})
            return ""
        words = value.replace("\r\n", "\n").strip()
        if len(words) > limit:
            validation.refuse(
                at,
                _("“%(key)s” is %(length)d characters long. The limit is %(limit)d.")
                % {"key": _name(at), "length": len(words), "limit": limit},
            )
        if "\x00" in words:
            validation.refuse(
                at, _("“%(key)s” contains a character that is not allowed.") % {"key": _name(at)}
            )
        if required and not words:
            validation.refuse(at, _("“%(key)s” must not be empty.") % {"key": _name(at)})
        return words

    return Key(check, str, required)


def whole(
    default: int | None, *, least: int = 0, most: int = 1_000_000, or_none: bool = False
) -> Key:
    """Return a key for a whole number between `least` and `most`; it may be left out.

    With `or_none`, 0 is accepted too.
    """

    def check(validation: Validation, at: Path, value: Any) -> int | None:
        if or_none and value == 0 and not isinstance(value, bool):
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            validation.refuse(
                at,
                (
                    _("“%(key)s” must be 0, or a whole number from %(least)d to %(most)d.")
                    if or_none
                    else _("“%(key)s” must be a whole number from %(least)d to %(most)d.")
                )
                % {"key": _name(at), "least": least, "most": most},
            )
            return default
        return value

    return Key(check, lambda: default)


def yes_no(*, default: bool) -> Key:
    """Return a key for true or false."""

    def check(validation: Validation, at: Path, value: Any) -> bool:
        if not isinstance(value, bool):
            validation.refuse(at, _("“%(key)s” must be true or false.") % {"key": _name(at)})
            return default
        return value

    return Key(check, lambda: default)


def choice(*allowed: str, default: str | None = None) -> Key:
    """Return a key for one of the words `allowed`; required if it has no default."""

    def check(validation: Validation, at: Path, value: Any) -> str:
        if value not in allowed:
            near = get_close_matches(str(value), allowed, n=1)
            hint = _(" Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
            words = ", ".join(filter(None, allowed))
            sentence = _("“%(key)s” is “%(value)s”, but must be one of: %(words)s.")
            validation.refuse(
                at, sentence % {"key": _name(at), "value": value, "words": words} + hint
            )
            return allowed[0]
        return str(value)

    return Key(check, lambda: default or "", required=default is None)


def moment() -> Key:
    """Return a key for a local date and time in the hearing's zone, a time of day, or a day."""

    def check(validation: Validation, at: Path, value: Any) -> date | time | None:
        if not isinstance(value, date | time):
            sentence = _("“%(key)s” must be a time, such as 10:00:00, without quotes.")
            validation.refuse(at, sentence % {"key": _name(at)})
            return None
        return value

    return Key(check, lambda: None, required=True)


def day() -> Key:
    """Return a key for a day."""

    def check(validation: Validation, at: Path, value: Any) -> date | None:
        if isinstance(value, datetime) or not isinstance(value, date):
            sentence = _("“%(key)s” must be a day, such as 2021-07-13, without quotes.")
            validation.refuse(at, sentence % {"key": _name(at)})
            return None
        return value

    return Key(check, lambda: None, required=True)


def valid(key: Key, validator: Callable[[str], object], sentence: Callable[[], str]) -> Key:
    """Return `key` with a further check: text that is not empty must pass `validator`."""

    def check(validation: Validation, at: Path, value: Any) -> Any:
        words = key.check(validation, at, value)
        try:
            if words:
                validator(words)
        except ValidationError:
            validation.refuse(at, sentence() % {"value": words})
        return words

    return replace(key, check=check)


def listing(of: Key, *, default: tuple[Any, ...] = ()) -> Key:
    """Return a key for a list of values of one kind."""

    def check(validation: Validation, at: Path, value: Any) -> list[Any]:
        if not isinstance(value, list):
            validation.refuse(at, _("“%(key)s” must be a list.") % {"key": _name(at)})
            return list(default)
        return [of.check(validation, (*at, index), item) for index, item in enumerate(value)]

    return Key(check, lambda: list(default))


def mapping(of: Key) -> Key:
    """Return a key for a table with any names as keys."""

    def check(validation: Validation, at: Path, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            validation.refuse(at, _("“%(key)s” must be a table.") % {"key": _name(at)})
            return {}
        return {str(name): of.check(validation, (*at, name), item) for name, item in value.items()}

    return Key(check, dict)


def table(keys: Mapping[str, Key]) -> Key:
    """Return a key for a table with the keys of `keys` and no others."""

    def check(validation: Validation, at: Path, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            validation.refuse(at, _("“%(key)s” must be a table.") % {"key": _name(at)})
            value = {}
        for name in value:
            if name not in keys:
                validation.refuse((*at, name), _unknown(str(name), keys))
        return {name: _read_key(validation, at, value, name, key) for name, key in keys.items()}

    return Key(check, lambda: {name: key.default() for name, key in keys.items()})


def _read_key(
    validation: Validation, at: Path, value: Mapping[str, Any], name: str, key: Key
) -> Any:
    if value.get(name) is not None:
        return key.check(validation, (*at, name), value[name])
    if key.required:
        validation.refuse((*at, name), _("“%(key)s” is missing.") % {"key": name})
    return key.default()


def _unknown(name: str, keys: Mapping[str, Key]) -> str:
    near = get_close_matches(name, keys, n=1, cutoff=0.5)
    if near:
        sentence = _("The key “%(key)s” is not known here. Did you mean “%(near)s”?")
        return sentence % {"key": name, "near": near[0]}
    sentence = _("The key “%(key)s” is not known here. The known keys are: %(keys)s.")
    return sentence % {"key": name, "keys": ", ".join(keys)}


web_address = valid(
    text(),
    URLValidator(schemes=("http", "https")),
    lambda: _("“%(value)s” is not a web address; it should begin with https://."),
)
mail_address = valid(
    text(254, required=True),
    validate_email,
    lambda: _("“%(value)s” is not an e-mail address; it should look like name@hearing.example."),
)
short_address = valid(
    text(80),
    validate_slug,
    lambda: _("“%(value)s” may contain only letters without accents, digits and hyphens."),
)
