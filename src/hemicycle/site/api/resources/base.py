"""Shapes of requests and answers, and their names in the published description.

In Python the name of a shape ends in `In` or `Out`, since models have the plain names. The
published name is the plain one; `published_as` keeps it if the class is renamed.
"""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

REF = "#/components/schemas/{model}"


def schema_name(shape: type) -> str:
    """Return the name of a shape in the published description."""
    own: str = getattr(shape, "published_as", "")
    name = shape.__name__
    return own or name.removesuffix("Out" if name.endswith("Out") else "In")


class ApiShape(BaseModel):
    """Base of all shapes. `published_as` is the published name if it differs from the class's."""

    model_config = ConfigDict(model_title_generator=schema_name)
    published_as: ClassVar[str] = ""


class RequestShape(ApiShape):
    """The input of a request. Unknown names are refused, since most of them are misspelt."""

    model_config = ConfigDict(extra="forbid")


class ResponseShape(ApiShape):
    """The content of an answer."""


def published(definitions: dict[str, Any]) -> dict[str, Any]:
    """Return definitions keyed by schema name instead of class name, with references adjusted."""
    names = {name: schema["title"] for name, schema in definitions.items()}
    references = {REF.format(model=old): REF.format(model=new) for old, new in names.items()}

    def renamed(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: renamed(value) for key, value in part.items()}
        if isinstance(part, list):
            return [renamed(value) for value in part]
        return references.get(part, part) if isinstance(part, str) else part

    found = {
        names[name]: renamed(definitions[name]) for name in sorted(names, key=names.__getitem__)
    }
    assert len(found) == len(definitions), "two shapes are published under one name"
    return found
