"""Reading and sending the office's forms as a browser without scripts does."""

from typing import Any

from bs4 import BeautifulSoup
from django.test import Client


def fields(page: str | bytes) -> dict[str, Any]:
    """What a browser would send if the page's large form were sent as it stands."""
    form = BeautifulSoup(page, "lxml").select_one("form.form--wide")
    assert form is not None
    sent: dict[str, Any] = {}
    for each in form.select("input[name], textarea[name], select[name]"):
        name = str(each["name"])
        if each.get("type") == "checkbox":
            if each.has_attr("checked"):
                sent[name] = "on"
        elif each.name == "select":
            chosen = each.select_one("option[selected]") or each.select_one("option")
            sent[name] = chosen["value"] if chosen else ""
        elif each.name == "textarea":
            sent[name] = each.get_text().removeprefix("\n")
        else:
            sent[name] = each.get("value", "")
    return sent


def errors(page: str | bytes) -> list[str]:
    """The sentences at the fields."""
    found = BeautifulSoup(page, "lxml").select(".field__error")
    return [each.get_text(" ", strip=True).removeprefix("Error: ").strip() for each in found]


def send(client: Client, path: str, **changes: Any) -> Any:
    """Open a page, change some fields, send it."""
    sent = {**fields(client.get(path).content), **changes}
    return client.post(path, {name: value for name, value in sent.items() if value is not None})
