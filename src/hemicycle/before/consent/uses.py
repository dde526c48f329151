"""Each use in plain words: its purpose, its legal basis, and the default.

The bases are those of `docs/privacy.md`. If the basis is the task of holding a public hearing,
nobody is asked at registration, and everybody may object; if it is consent, nothing happens before
it is given.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.before.consent.models import Use
from hemicycle.hearing.setup.personal_data import Basis


@dataclass(frozen=True, slots=True)
class UseTerms:
    """`purpose` is what the use is for, `back` what taking it back does."""

    purpose: Promise
    basis: Basis
    back: Promise

    @property
    def stands_at_first(self) -> bool:
        """Whether the use stands until somebody objects."""
        return self.basis is Basis.TASK


TERMS: Final = MappingProxyType(
    {
        Use.LIST: UseTerms(
            _("So that the public knows who speaks when."),
            Basis.CONSENT,
            _("The list shows your place without your name, at once."),
        ),
        Use.WEBCAST: UseTerms(
            _("So that people who are not in the room can follow the hearing."),
            Basis.TASK,
            _(
                "While you have the floor the webcast shows nothing and is silent; what was shown "
                "before is cut out of the recording. The room still sees and hears you."
            ),
        ),
        Use.RECORDING: UseTerms(
            _("So that the hearing can be watched afterwards."),
            Basis.TASK,
            _(
                "You are cut out of the recording: picture, every language, captions, chapters and "
                "downloads."
            ),
        ),
        Use.STATEMENT: UseTerms(
            _("So that what you handed in can be read and found."),
            Basis.CONSENT,
            _("Your statement leaves the library and its search, at once."),
        ),
        Use.QUESTION: UseTerms(
            _("So that the panel and the public know who asks."),
            Basis.TASK,
            _("Your questions stand without a name, at once."),
        ),
        Use.TRANSCRIPT: UseTerms(
            _("So that people who cannot hear you can read what you say."),
            Basis.TASK,
            _("Captions of what you said are deleted, and none of you are kept in future."),
        ),
        Use.PHOTOGRAPH: UseTerms(
            _("To report on the hearing."),
            Basis.CONSENT,
            _("The secretariat sees that you are not to be photographed, or no longer shown."),
        ),
        Use.STATES: UseTerms(
            _(
                "Member States may object to organizations on a list. With an alias they read it "
                "alone, unless you agree that they read the name and the country of your "
                "organization."
            ),
            Basis.CONSENT,
            _("The lists show your alias at once. Missions keep what they have downloaded."),
        ),
    }
)
