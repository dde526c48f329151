"""The search index of the library, in the full text search of the database.

That is FTS5 in SQLite, and a tsvector with a GIN index in PostgreSQL. Both hold the same tokens
(`tokenizer.cut`) in three columns: `h` the author, `w` the words, `s` their stems. SQLite's
tokenizer `ascii` and a tsvector written by us leave them unchanged, so both databases find the
same. On PostgreSQL the index is a column of the listing's table, on SQLite a separate table whose
rows a trigger deletes: deleting a row in any way deletes its index too.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from hemicycle.before.statements.library.search_query import SearchQuery, SearchTerm
from hemicycle.before.statements.library.tokenizer import WordToken

MOST_WORDS: Final = 16_000
"""The most words of a statement that are indexed; PostgreSQL stores positions up to 16,383."""

CREATE: Final = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE statements_listing_search"
            " USING fts5(h, w, s, tokenize = 'ascii', prefix = '2')"
        ),
        (
            "CREATE TRIGGER statements_listing_gone AFTER DELETE ON statements_listing BEGIN"
            " DELETE FROM statements_listing_search WHERE rowid = old.id; END"
        ),
    ),
    "postgresql": (
        "ALTER TABLE statements_listing ADD COLUMN search tsvector",
        # Uncompressed, since a search that reads many rows would have to decompress each.
        "ALTER TABLE statements_listing ALTER COLUMN search SET STORAGE EXTERNAL",
        "CREATE INDEX statements_listing_search ON statements_listing USING gin (search)",
    ),
}
DROP: Final = {
    "sqlite": ("DROP TRIGGER statements_listing_gone", "DROP TABLE statements_listing_search"),
    "postgresql": ("ALTER TABLE statements_listing DROP COLUMN search",),
}


def write(row: int, head: list[WordToken], text: list[WordToken]) -> None:
    """Replace the tokens of a listing in the index."""
    text = text[:MOST_WORDS]
    heads = {
        "h": [token.word for token in head],
        "w": [token.word for token in text],
        "s": [token.stem for token in text if token.stem],
    }
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE statements_listing SET search = %s::tsvector WHERE id = %s",
                [_vector(heads), row],
            )
            return
        cursor.execute("DELETE FROM statements_listing_search WHERE rowid = %s", [row])
        cursor.execute(
            "INSERT INTO statements_listing_search (rowid, h, w, s) VALUES (%s, %s, %s, %s)",
            [row, *(" ".join(words) for words in heads.values())],
        )


def _vector(heads: dict[str, list[str]]) -> str:
    places: dict[str, list[int]] = defaultdict(list)
    for head, words in heads.items():
        for place, word in enumerate(words, start=1):
            places[f"{head}:{word}"].append(place)
    return " ".join(f"'{lexeme}':{','.join(map(str, at[:255]))}" for lexeme, at in places.items())


def matching(wanted: SearchQuery) -> RawSQL:
    """Return the listings in which every part is found, in the author or in the text."""
    return _matching([_anywhere(part) for part in wanted.parts])


def in_head(wanted: SearchQuery) -> RawSQL:
    """Return the listings in which every part is found in the author."""
    return _matching([[("h", _beginning(part))] for part in wanted.parts])


def as_phrase(phrase: SearchTerm) -> RawSQL:
    """Return the listings in which the words are next to each other."""
    return _matching([[("w", phrase)]])


type Choice = list[tuple[str, SearchTerm]]
"""What may be found, and in which column: any of them is enough."""


def _anywhere(part: SearchTerm) -> Choice:
    stems: Iterable[SearchTerm] = (SearchTerm((stem,)) for stem in sorted(part.stems))
    return [("h", _beginning(part)), ("w", part), *(("s", stem) for stem in stems)]


def _beginning(part: SearchTerm) -> SearchTerm:
    return SearchTerm(part.words, begins=True)


def _matching(all_of: list[Choice]) -> RawSQL:
    if connection.vendor == "postgresql":
        to_postgresql = (
            " | ".join(_to_postgresql(*choice) for choice in any_of) for any_of in all_of
        )
        return _by_index(" & ".join(f"({clause})" for clause in to_postgresql))
    to_sqlite = (" OR ".join(_to_sqlite(*choice) for choice in any_of) for any_of in all_of)
    return RawSQL(
        "SELECT rowid FROM statements_listing_search WHERE statements_listing_search MATCH %s",
        [" AND ".join(f"({clause})" for clause in to_sqlite)],
    )


def _by_index(asked: str) -> RawSQL:
    """Return the ids that PostgreSQL finds, as one array, since parameters cost more than the
    search.

    PostgreSQL's planner ignores the cost of fetching a long tsvector. In a library of this size it
    would read all of them instead of using the index; this form makes it use the index.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        cursor.execute("SELECT id FROM statements_listing WHERE search @@ %s::tsquery", [asked])
        found = [row for (row,) in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return RawSQL("SELECT unnest(%s::bigint[])", [found])


def _to_postgresql(head: str, part: SearchTerm) -> str:
    words = [f"'{head}:{word}'" for word in part.words]
    return f"({' <-> '.join(words)}{':*' if part.begins else ''})"


def _to_sqlite(head: str, part: SearchTerm) -> str:
    return f'{head} : "{" ".join(part.words)}"{" *" if part.begins else ""}'
