"""Empties the tables quickly after a test that has committed.

Django's own way costs half a second for each such test: its `flush` creates all content types and
permissions of every app again, and on PostgreSQL it truncates each table, which makes new files for
the table and its indexes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models.signals import post_migrate


def be_quick() -> None:
    """Let Django empty the test database, which must exist, quickly from now on.

    Afterwards, the database has the same rows as with Django's own way.
    """
    _keep_content_types()
    if connection.vendor == "postgresql":
        _delete_instead_of_truncating()


def _keep_content_types() -> None:
    """Restore the content types and permissions from the migrations, instead of creating them."""
    models: tuple[type[Any], ...] = (ContentType, Permission)
    kept = [(model, list(model.objects.all())) for model in models]
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(
        create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions"
    )

    def put_back(**_signal: Any) -> None:
        for model, rows in kept:
            if not model.objects.exists():
                model.objects.bulk_create(rows)
        ContentType.objects.clear_cache()

    # The signal is sent for each app; once is enough.
    post_migrate.connect(put_back, sender=apps.get_app_config("auth"), weak=False)


def _delete_instead_of_truncating() -> None:
    """Let PostgreSQL delete the rows of tables that are not empty, instead of truncating all.

    All foreign keys are checked at the end of the transaction, so the order does not matter.
    """
    truncate: Callable[..., list[str]] = type(connection.ops).sql_flush

    def sql_flush(
        self: Any, style: Any, tables: Sequence[str], *, reset_sequences: bool = False, **more: Any
    ) -> list[str]:
        if reset_sequences:
            return truncate(self, style, tables, reset_sequences=True, **more)
        names = [self.quote_name(table) for table in tables]
        asked = (
            f"SELECT {number} WHERE EXISTS (SELECT FROM {name})"
            for number, name in enumerate(names)
        )
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            return [f"DELETE FROM {names[number]};" for (number,) in cursor.fetchall()]

    type(connection.ops).sql_flush = sql_flush  # type: ignore[method-assign]
