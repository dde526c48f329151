"""The files in which participants submit their statements."""

import pytest

from hemicycle.documents.reading import UnreadableDocument, extract
from hemicycle.site.rehearsal.participants import WRITERS

TEXT = "Mr. President, we ask for <a fund> & a report.\n\nThank you."


@pytest.mark.parametrize("kind", ["txt", "docx", "odt"])
def test_what_is_written_is_what_is_read(kind: str) -> None:
    assert extract(WRITERS[kind](TEXT), name=f"statement.{kind}").text == TEXT


def test_some_lock_their_file_by_mistake() -> None:
    with pytest.raises(UnreadableDocument) as refused:
        extract(WRITERS["pdf"](TEXT), name="statement.pdf")
    assert refused.value.code == "encrypted"
