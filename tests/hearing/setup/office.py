"""Reading and sending the office's forms as a browser without scripts does."""

from typing import Any

from django.test import Client
from selectolax.lexbor import LexborHTMLParser, LexborNode


def fields(page: str | bytes) -> dict[str, Any]:
    """Return what a browser would send for the page's large form without any changes."""
    form = LexborHTMLParser(page).css_first("form.form--wide")
    assert form is not None
    sent: dict[str, Any] = {}
    for field in form.css("input[name], textarea[name], select[name]"):
        attributes = field.attributes
        name = attributes["name"] or ""
        if attributes.get("type") == "checkbox":
            if "checked" in attributes and attributes.get("value") is None:
                sent[name] = "on"
            elif "checked" in attributes:
                sent[name] = [*sent.get(name, ()), attributes["value"]]
        elif field.tag == "select":
            sent[name] = _chosen(field)
        elif field.tag == "textarea":
            sent[name] = field.text().removeprefix("\n")
        else:
            sent[name] = attributes.get("value") or ""
    return sent


def _chosen(select: LexborNode) -> str:
    option = select.css_first("option[selected]") or select.css_first("option")
    return (option.attributes.get("value") or "") if option is not None else ""


def errors(page: str | bytes) -> list[str]:
    """Return the error sentences at the fields."""
    found = [" ".join(node.text().split()) for node in LexborHTMLParser(page).css(".field__error")]
    return [sentence.removeprefix("Error: ").removeprefix("Error:").strip() for sentence in found]


def send(client: Client, path: str, **changes: Any) -> Any:
    """Open a page, change some fields and send the form; None leaves a field out."""
    sent = {**fields(client.get(path).content), **changes}
    return client.post(path, {name: value for name, value in sent.items() if value is not None})
