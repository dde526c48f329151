"""Each use in plain words: its purpose, its legal basis, and the default.

The legal bases are those in `docs/privacy.md`. If the basis is the task of holding a public
hearing, nobody is asked at registration, and everybody may object. If the basis is consent, nothing
happens before it is given.
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
    """The terms of a use: its `purpose`, its legal `basis`, and what withdrawal does (`back`)."""

    purpose: Promise
    basis: Basis
    back: Promise

    @property
    def stands_at_first(self) -> bool:
        """Whether the use is permitted until the person objects."""
        return self.basis is Basis.TASK


TERMS: Final = MappingProxyType(
    {
        Use.LIST: UseTerms(
            _("So that the public knows who speaks when."),
            Basis.CONSENT,
            _("The list shows your place without your name immediately."),
        ),
        Use.WEBCAST: UseTerms(
            _("So that people who are not in the room can follow the hearing."),
            Basis.TASK,
            _(
                "While you have the floor, the webcast shows no picture and has no sound. What "
                "was shown before is removed from the recording. People in the room still see "
                "and hear you."
            ),
        ),
        Use.RECORDING: UseTerms(
            _("So that the hearing can be watched afterwards."),
            Basis.TASK,
            _(
                "You are removed from the recording: picture, every language, captions, "
                "chapters and downloads."
            ),
        ),
        Use.STATEMENT: UseTerms(
            _("So that people can find and read your statement."),
            Basis.CONSENT,
            _("Your statement is removed from the library and its search immediately."),
        ),
        Use.QUESTION: UseTerms(
            _("So that the panel and the public know who asks."),
            Basis.TASK,
            _("Your questions are shown without a name immediately."),
        ),
        Use.TRANSCRIPT: UseTerms(
            _("So that people who cannot hear you can read what you say."),
            Basis.TASK,
            _("Captions of what you said are deleted, and none are kept in future."),
        ),
        Use.PHOTOGRAPH: UseTerms(
            _("To report on the hearing."),
            Basis.CONSENT,
            _(
                "We tell the secretariat not to photograph you, and not to show photographs of "
                "you any longer."
            ),
        ),
        Use.STATES: UseTerms(
            _(
                "Member States may object to organizations on a list. If you have an alias, "
                "they see only the alias, unless you agree that they see the name and country "
                "of your organization."
            ),
            Basis.CONSENT,
            _(
                "The lists show your alias immediately. Missions keep what they have already "
                "downloaded."
            ),
        ),
    }
)
