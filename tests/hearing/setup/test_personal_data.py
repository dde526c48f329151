"""The table of personal data is complete, and its erasers delete what it says."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.utils import translation

from hemicycle.before.registration import housekeeping
from hemicycle.before.registration.signals import daily_chores
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.personal_data import IMPERSONAL, TABLE, PersonalData, as_markdown
from hemicycle.hearing.setup.signals import retention_over
from hemicycle.record import erasure
from hemicycle.record.signals import identity_erased, person_erased

if TYPE_CHECKING:
    from tests.support.lists import World

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "src/hemicycle"
STORES = re.compile(r"settings\.(?:MEDIA_ROOT|UPLOADS_DIR|DATA_DIR|SECURITY_LOG_DIR|ERASED_LIST)")
WRITES: dict[str, str] = {
    "outcome/archive/building.py": "uploads/archives",
    "record/erased_list.py": "erased.jsonl",
    "site/security/receivers.py": "security",
    "site/security/staff_views.py": "security",
}
"""The modules that write to the data folder by path, each with its store in the table."""
LOOK_ONLY = {
    "site/operating/checks/backups.py",
    "site/operating/checks/machine.py",
    "site/operating/figures.py",
    "site/operating/ready_checks.py",
    "site/processes/start_checks.py",
}
"""The modules that only check the data folder: that it is complete, has space and is writable."""
COPIES = {"site/backup/contents.py"}
"""The modules that copy the data folder. The table has a row for backups, without a store."""
STORAGES = {"site/files/folder.py", "site/files/moving.py"}
"""The modules behind all file fields; the second keeps a list of their random names there."""
PERSONAL_NAMES = {"email", "address", "network", "alias", "sender", "from_address"}
LABELS = {model._meta.label_lower: model._meta.label for model in apps.get_models()}


def listed() -> set[str]:
    return {label.lower() for row in TABLE for label in row.models}


def looks_personal(model: type[models.Model]) -> list[str]:
    """Return a model's fields that lead to a person or hold data from people."""
    return [
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.Field)
        and (
            isinstance(field, models.EmailField | models.FileField | models.GenericIPAddressField)
            or field.related_model is Person
            or field.name in PERSONAL_NAMES
        )
    ]


def test_every_model_is_in_the_table_or_said_to_hold_nothing_personal() -> None:
    impersonal = {label.lower() for label in IMPERSONAL}
    assert listed() & impersonal == set()
    assert listed() | impersonal == set(LABELS), "add the model to hearing/setup/personal_data.py"


def test_what_is_said_to_hold_nothing_personal_has_no_field_for_it() -> None:
    found = {label: looks_personal(apps.get_model(label)) for label in IMPERSONAL}
    assert {label: fields for label, fields in found.items() if fields} == {}


def test_every_store_of_files_is_in_the_table() -> None:
    stores = {store for row in TABLE for store in row.stores}
    uploads = {
        f"uploads/{str(field.upload_to).strip('/')}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField)
    }
    assert uploads
    assert uploads <= stores
    by_path = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if STORES.search(path.read_text("utf-8"))
    }
    assert by_path - LOOK_ONLY - COPIES - STORAGES == set(WRITES), (
        "say in WRITES which store this module writes to"
    )
    assert set(WRITES.values()) <= stores


def resolved(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.key)
def test_each_kind_says_everything_and_has_an_eraser(row: PersonalData) -> None:
    for words in (row.what, row.purpose, row.basis.label, row.goes):
        assert str(words).strip()
    assert row.models or row.stores or row.key in {"backups", "room-messages"}
    assert row.erasers or str(row.by_hand).strip()
    for name in row.erasers:
        assert callable(resolved(name)), name


def test_keys_are_said_once() -> None:
    keys = [row.key for row in TABLE]
    assert len(keys) == len(set(keys))


def test_everything_that_erases_is_in_the_table() -> None:
    connected = {
        erasure.name_of(receiver)
        for signal in (person_erased, identity_erased, retention_over)
        for receiver in signal
    }
    assert connected
    named = {name for row in TABLE for name in row.erasers}
    assert connected - named == set()
    assert {erasure.name_of(resolved(name)) for name in named} >= connected


def test_what_the_table_calls_an_eraser_is_called_by_something() -> None:
    """Erasers are called by a signal, a daily chore or a part of one, or in a known other place."""
    called = {
        erasure.name_of(receiver)
        for receivers in (
            person_erased,
            identity_erased,
            retention_over,
            daily_chores,
            housekeeping.CHORES,
        )
        for receiver in receivers
    }
    elsewhere = {
        "hemicycle.record.erasure.erase",  # sends the signals
        "hemicycle.before.registration.housekeeping.erase_again",  # runs when the worker starts
        "hemicycle.site.security.log_files.DayFiles",  # runs with the first line of each day
    }
    named = {name for row in TABLE for name in row.erasers}
    assert named - called - elsewhere == set()


def test_the_page_of_the_docs_has_the_table_as_it_is() -> None:
    page = (ROOT / "docs/privacy.md").read_text("utf-8")
    with translation.override("en"):
        table = as_markdown()
    assert table in page, "run `python -m tools.privacy`"


def test_the_public_reads_the_table_and_the_date(world: World, client: Client) -> None:
    page = client.get(f"/h/{world.hearing.slug}/privacy/").text
    for row in TABLE:
        assert f'id="data-{row.key}"' in page
    assert "13 July 2022" in page


def test_the_office_sees_what_could_not_be_erased(world: World) -> None:
    page = f"/office/{world.hearing.slug}/privacy/"
    assert "Not yet erased" not in world.client().get(page).text
    erasure.note_failures(world.hearing.id, "a" * 32, ["mail.forget"])
    shown = world.client().get(page).text
    assert "Not yet erased" in shown
    assert "mail.forget" in shown
