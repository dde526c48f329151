"""Each Member State is in one regional group."""

from django.utils.translation import override

from hemicycle.before.registration.choices import member_states
from hemicycle.ui import regions


def test_groups_hold_each_member_state_once() -> None:
    sizes = [len(codes.split()) for _key, _name, codes in regions.GROUPS]
    assert sizes == [54, 54, 23, 33, 29]
    with override("en"):
        states = {code for code, _name in member_states() if code}
    assert {code for _key, _name, codes in regions.GROUPS for code in codes.split()} == states


def test_who_is_in_no_group_is_told_so() -> None:
    with override("en"):
        named = [regions.name_of(code) for code in ("EE", "no", "VA", "")]
    assert named == [
        "Eastern European States",
        "Western European and other States",
        "other countries and territories",
        "not stated",
    ]
