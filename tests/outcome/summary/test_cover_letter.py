"""The draft of the cover letter: whom it addresses, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemicycle.hearing.people.models import TrackKind
from hemicycle.outcome.summary import cover_letter

if TYPE_CHECKING:
    from hemicycle.hearing.setup.models import Hearing
    from tests.support.lists import World


def letter(hearing: Hearing) -> str:
    return "\n".join(sentence.text for sentence in cover_letter.drafted(hearing).sentences)


def test_a_hearing_with_missions_is_transmitted_to_them(world: World) -> None:
    said = letter(world.hearing)
    assert ("To all permanent representatives" in said, said.count("Excellency")) == (True, 2)
    assert "the deliberations of Member States." in said


def test_a_parliaments_letter_names_no_states_and_no_excellencies(world: World) -> None:
    world.hearing.categories.filter(track=TrackKind.MISSIONS).delete()
    said = letter(world.hearing)
    assert said.startswith("To all who took part in the hearing\nDear participants,\n")
    assert ("Member State" in said, "Excellency" in said) == (False, False)
    assert "will inform the deliberations that follow." in said
    assert said.endswith("Please accept the assurances of my highest consideration.")
