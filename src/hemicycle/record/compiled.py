"""Compile the statements that every registration in a surge runs, once each.

Django compiles the SQL of a query each time it runs. For a small indexed query this takes several
times as long as the query in the database, and inside a write transaction of the record all other
writers wait for it. Here Django compiles a statement on the first call; later calls only fill in
the values.
The query is still written with the ORM and is the one that Django would run.

`insert` works like `bulk_create`: it sends no signals and calls no `save`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from itertools import batched, groupby
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import FETCH_ONE, Field, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

Value = str | int | UUID | datetime
Marks = dict[str, Value]


def _mark(kind: type[Value], number: int) -> Value:
    """Return a marker value that occurs in no query, to find its place among the parameters."""
    if kind is UUID:
        return uuid4()
    if kind is datetime:
        return datetime(1, 1, 1, microsecond=number, tzinfo=UTC)
    return f"{uuid4()}" if kind is str else 8_000_000_000_000_000_000 + number


def _adapted(value: Value) -> Any:
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


class _Statement:
    """SQL with parameters, some of which change with each call."""

    def __init__(self, sql: str, parameters: Iterable[Any], marks: Marks) -> None:
        self.sql = sql
        self._parameters = tuple(parameters)
        names = {_adapted(mark): name for name, mark in marks.items()}
        self._places = [
            (index, names[parameter])
            for index, parameter in enumerate(self._parameters)
            if isinstance(parameter, str | int | UUID | datetime) and parameter in names
        ]
        missing = marks.keys() - {name for _index, name in self._places}
        assert not missing, f"the statement has no place for {', '.join(missing)}"

    def filled(self, values: Marks) -> list[Any]:
        """Return the parameters with `values` filled in."""
        parameters = list(self._parameters)
        for index, name in self._places:
            parameters[index] = _adapted(values[name])
        return parameters


class CompiledQuery[Row]:
    """A query set whose SQL is compiled once for each kind of database.

    `build` makes the query set from its values, and `kinds` gives their types. A query set of
    `values_list` returns tuples; a query set of models returns models, including `select_related`.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], **kinds: type[Value]) -> None:
        self._build = build
        self._kinds = kinds
        self._composed: dict[str, tuple[_Statement, Callable[[Any], Iterator[Row]]]] = {}

    def __call__(self, **values: Value) -> list[Row]:
        """Return the rows for these values. Runs one query."""
        return self.ask(**values)()

    def ask(self, **values: Value) -> Callable[[], list[Row]]:
        """Send the query now and return a function that reads its rows, once.

        Within `together`, PostgreSQL answers all queries that were sent before the first is read.
        """
        found = self._composed.get(connection.vendor)
        if found is None:
            found = self._composed[connection.vendor] = self._compose()
        statement, read = found
        cursor = connection.cursor()
        cursor.execute(statement.sql, statement.filled(values))

        def rows() -> list[Row]:
            with cursor:
                return list(read(cursor.fetchall()))

        return rows

    def first(self, **values: Value) -> Row | None:
        """Return the first row, or None."""
        rows = self(**values)
        return rows[0] if rows else None

    def _compose(self) -> tuple[_Statement, Callable[[Any], Iterator[Row]]]:
        marks = {name: _mark(kind, at) for at, (name, kind) in enumerate(self._kinds.items())}
        rows = self._build(**marks)
        compiler = rows.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        return _Statement(sql, parameters, marks), _reader(
            compiler, plain=bool(rows.query.values_select)
        )


type _Read = Callable[[Iterable[Any]], Iterator[Any]]


def _reader(compiler: SQLCompiler, *, plain: bool) -> _Read:
    """Return a function that makes tuples or models from rows, as Django's own iterables do."""
    columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)

    def converted(rows: Iterable[Any]) -> Iterator[Any]:
        return compiler.apply_converters(rows, converters) if converters else iter(rows)

    if plain:
        return lambda rows: map(tuple, converted(rows))
    info = compiler.klass_info
    model, places = info["model"], info["select_fields"]
    begin, end = places[0], places[-1] + 1
    names = [column.target.attname for column in columns[begin:end]]
    populators = get_related_populators(info, compiler.select, connection.alias, FETCH_ONE)

    def models(rows: Iterable[Any]) -> Iterator[Any]:
        for row in converted(rows):
            instance = model.from_db(connection.alias, names, row[begin:end])
            for populator in populators:
                populator.populate(row, instance)
            yield instance

    return models


class CompiledUpdate:
    """An update whose SQL is compiled once; it sets `columns` in the rows that `build` selects."""

    def __init__(
        self,
        build: Callable[..., QuerySet[Any, Any]],
        columns: dict[str, type[Value]],
        **kinds: type[Value],
    ) -> None:
        self._build = build
        self._columns = columns
        self._kinds = kinds
        self._composed: dict[str, _Statement] = {}

    def __call__(self, **values: Value) -> int:
        """Write the values; return the number of updated rows."""
        statement = self._composed.get(connection.vendor)
        if statement is None:
            statement = self._composed[connection.vendor] = self._compose()
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(values))
            return int(cursor.rowcount)

    def _compose(self) -> _Statement:
        kinds = self._kinds | self._columns
        marks = {name: _mark(kind, at) for at, (name, kind) in enumerate(kinds.items())}
        rows = self._build(**{name: marks[name] for name in self._kinds})
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values({name: marks[name] for name in self._columns})
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        return _Statement(sql, parameters, marks)


@cache
def _insertion(model: type[Model], vendor: str) -> tuple[str, str, list[Field[Any, Any]]]:
    """Return the statement without its values, the placeholders of one row, and the columns.

    Columns that the database fills in (an automatic key or a database default) are left out.
    """
    meta = model._meta  # noqa: SLF001 - public by Django's documentation
    columns = [
        field
        for field in meta.local_concrete_fields
        if field is not meta.auto_field and not field.has_db_default()
    ]
    # Identifiers are quoted by Django; values are always parameters.
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in columns)
    table = connection.ops.quote_name(meta.db_table)
    values = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({names}) VALUES ", f"({values})", columns  # noqa: S608 - names


def _is_piped() -> bool:
    connection.ensure_connection()
    return bool(connection.connection.pgconn.pipeline_status)


@contextmanager
def together() -> Iterator[None]:
    """Send PostgreSQL the statements of the block without waiting for each answer (pipeline mode).

    Use it for statements whose results are not needed: an error in any of them is raised at the end
    of the block. On SQLite, which runs in this process, the block has no effect.
    """
    # Already inside a pipeline: the outer block collects the answers.
    if connection.vendor != "postgresql" or _is_piped():
        yield
        return
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


MOST_AT_ONCE = 50


def insert(*rows: Model) -> None:
    """Insert rows in order; values that the database fills in are not read back."""
    with together() if len(rows) > 1 else nullcontext():
        for model, alike in groupby(rows, key=type):
            _insert(model, alike)


def _insert(model: type[Model], rows: Iterable[Model]) -> None:
    for some in batched(rows, MOST_AT_ONCE):
        head, values, columns = _insertion(model, connection.vendor)
        parameters = [
            field.get_db_prep_save(field.pre_save(row, True), connection)
            for row in some
            for field in columns
        ]
        with connection.cursor() as cursor:
            cursor.execute(head + ", ".join([values] * len(some)), parameters)
        for row in some:
            state = row._state  # noqa: SLF001 - public by Django's documentation
            state.adding, state.db = False, connection.alias
