"""Every code of the procedure has a sentence, in the reader's language."""

from django.utils import translation

from hemicycle.procedure import CODES, Refused
from hemicycle.procedure.order import RULE_CODES, BadRule
from hemicycle.ui.refusals import COMMANDS, RULES, sentence_of


def test_every_code_has_a_sentence() -> None:
    assert tuple(COMMANDS) == CODES
    assert tuple(RULES) == RULE_CODES


def test_a_refusal_is_said_in_the_readers_language() -> None:
    assert sentence_of(Refused("free")) == "No one has the floor."
    with translation.override("ar"):
        assert sentence_of(Refused("free")) != "No one has the floor."


def test_values_go_into_the_sentence() -> None:
    assert sentence_of(BadRule("turns", most=100)) == (
        "A track takes between 1 and 100 turns at a time."
    )
