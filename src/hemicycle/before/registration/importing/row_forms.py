"""The forms that check a row of a table: those for one person, with fewer required fields."""

from hemicycle.before.registration.fields import EmailAddressField
from hemicycle.before.registration.forms import Fields, MissionForm, StakeholderForm
from hemicycle.before.registration.registration_rules import Facts
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.tracks import Track


class StakeholderRowForm(StakeholderForm):
    """A row about somebody who is not from a mission; a table seldom has everybody's country."""

    email = EmailAddressField(required=False)

    @classmethod
    def fit(cls, fields: Fields, facts: Facts, track: Track) -> None:
        """Make the country optional."""
        super().fit(fields, facts, track)
        fields["country"].required = False


class MissionRowForm(MissionForm):
    """A row about somebody from a mission."""

    email = EmailAddressField(required=False)


def row_form_for(kind: TrackKind) -> type[StakeholderRowForm] | type[MissionRowForm]:
    """Return the form of a row for a kind of track."""
    return MissionRowForm if kind == TrackKind.MISSIONS else StakeholderRowForm
