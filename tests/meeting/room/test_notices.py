"""Every notice of the engine has its sentence on the technician's page."""

from hemicycle.engine.refusals import NOTICES
from hemicycle.meeting.room.views import technician


def test_every_notice_has_a_sentence_with_values_that_the_engine_sends() -> None:
    words = technician._words()
    sentences = {code: words[f"notice.{code}"] for code in NOTICES}
    assert {key for key in words if key.startswith("notice.")} == {f"notice.{c}" for c in NOTICES}
    for code, sentence in sentences.items():
        assert _values(sentence) <= _values(NOTICES[code])


def _values(sentence: str) -> set[str]:
    return {part.partition("}")[0] for part in sentence.split("{")[1:]}
