"""Every code that the engine sends to a page has its sentence there."""

from hemicycle.engine.refusals import ENDINGS, REFUSALS
from hemicycle.procedure import channels
from hemicycle.ui import media_messages

UNSEEN = {"refused", "lost"}
"""Reasons that no reader sees: the page connects again, or was never connected."""


def test_every_refusal_has_a_sentence_and_no_sentence_is_left_over() -> None:
    keys = media_messages.messages().keys()
    assert {key.removeprefix("engine.") for key in keys if key.startswith("engine.")} == (
        REFUSALS.keys()
    )


def test_every_ending_has_a_sentence() -> None:
    assert {f"media.{reason}" for reason in ENDINGS - UNSEEN} <= media_messages.messages().keys()


def test_every_choice_of_a_channel_that_is_refused_has_a_code() -> None:
    codes = {channels.UNKNOWN, channels.ITSELF, channels.SILENT, channels.CIRCLE}
    assert codes <= REFUSALS.keys()
