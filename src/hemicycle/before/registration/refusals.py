"""Why a registration is refused, with a sentence for each reason that says what to do next."""

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.setup.models import Category, Segment


class Reason(StrEnum):
    """The closed vocabulary of reasons, by which a rehearsal counts refusals."""

    TOO_LATE = "too-late"
    NOT_OPEN = "not-open"
    REGISTERED_ALREADY = "registered-already"
    INSCRIBED_ALREADY = "inscribed-already"
    ORGANIZATION_FULL = "organization-full"
    PANEL_FULL = "panel-full"
    CATEGORY_FULL = "category-full"
    WAITS = "waits"
    STEPS_OPEN = "steps-open"
    UNFIT = "unfit"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    MEETING_BEGUN = "meeting-begun"
    STATEMENT_UNFIT = "statement-unfit"
    ALIAS_UNFIT = "alias-unfit"


class RegistrationRefused(Exception):
    """The refusal of an action; nothing was changed.

    `field` is the form's field that the sentence belongs to, or empty.
    """

    def __init__(self, reason: Reason, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.field = field


class ListRefused(RegistrationRefused):
    """The refusal of an action that the list does not allow; nothing was changed.

    `sentence` says why.
    """

    def __init__(self, sentence: str, reason: Reason = Reason.MEETING_BEGUN) -> None:
        super().__init__(reason, sentence, "segments")


def too_late(closed: str) -> RegistrationRefused:
    """Return the refusal after a deadline; `closed` says in words when it was."""
    sentence = _(
        "Registration closed on %(when)s. We received this form after that and cannot accept it."
    )
    return RegistrationRefused(Reason.TOO_LATE, sentence % {"when": closed})


def reason_for_late(field: str = "late_reason") -> RegistrationRefused:
    """Return the refusal of an exception after the deadline for which no reason was given."""
    return RegistrationRefused(
        Reason.TOO_LATE,
        _(
            "The deadline has passed. Give the reason for this exception. It is saved in the "
            "record."
        ),
        field,
    )


def not_open() -> RegistrationRefused:
    """Return the refusal on a track that does not accept registrations."""
    return RegistrationRefused(
        Reason.NOT_OPEN, _("This hearing does not accept registrations here.")
    )


def registered_already() -> RegistrationRefused:
    """Return the refusal of an address that is already registered for the organization."""
    sentence = _(
        "This e-mail address is already registered for this organization. We have sent the "
        "personal link to it again. Use the link to see or correct the registration."
    )
    return RegistrationRefused(Reason.REGISTERED_ALREADY, sentence, "email")


def organization_full(most: int) -> RegistrationRefused:
    """Return the refusal for an organization with as many representatives as the hearing allows."""
    sentence = ngettext(
        "This organization already has its one representative. To change the representative, "
        "use the personal page of that registration.",
        "This organization already has its %(n)s representatives. To change a representative, "
        "use the personal page of that registration.",
        most,
    )
    return RegistrationRefused(Reason.ORGANIZATION_FULL, sentence % {"n": most}, "organization")


def panel_full(panel: Segment, field: str) -> RegistrationRefused:
    """Return the refusal for a panel whose list has no free place."""
    sentence = ngettext(
        "The list of speakers of “%(panel)s” is full: its one place is taken. Choose another "
        "panel, or register without asking for the floor.",
        "The list of speakers of “%(panel)s” is full: all %(n)s places are taken. Choose "
        "another panel, or register without asking for the floor.",
        panel.max_inscriptions or 0,
    )
    values = {"panel": panel.title, "n": panel.max_inscriptions}
    return RegistrationRefused(Reason.PANEL_FULL, sentence % values, field)


def track_full(panel: Segment, track: str, most: int, field: str) -> RegistrationRefused:
    """Return the refusal for a panel whose list has no free place for the track."""
    sentence = ngettext(
        "The list of speakers of “%(panel)s” has one place for “%(track)s”, which is taken. Choose "
        "another panel, or register without asking for the floor.",
        "The list of speakers of “%(panel)s” has %(n)s places for “%(track)s”, and all are taken. "
        "Choose another panel, or register without asking for the floor.",
        most,
    )
    values = {"panel": panel.title, "track": track, "n": most}
    return RegistrationRefused(Reason.PANEL_FULL, sentence % values, field)


def category_full(category: Category) -> RegistrationRefused:
    """Return the refusal for a category that has no free place."""
    sentence = ngettext(
        "The one place for “%(category)s” is taken. You can follow the webcast, and write to the "
        "secretariat.",
        "All %(n)s places for “%(category)s” are taken. You can follow the webcast, and write to "
        "the secretariat.",
        category.max_registrations or 0,
    )
    values = {"category": category.label, "n": category.max_registrations}
    return RegistrationRefused(Reason.CATEGORY_FULL, sentence % values, "category")


def waits(count: int) -> RegistrationRefused:
    """Return the refusal to accept a waiting registration before those that have waited longer."""
    sentence = ngettext(
        "%(n)s of the selected registrations is on the waiting list, which moves up "
        "automatically in order of arrival. Deselect it, or give its category more places.",
        "%(n)s of the selected registrations are on the waiting list, which moves up "
        "automatically in order of arrival. Deselect them, or give their category more places.",
        count,
    )
    return RegistrationRefused(Reason.WAITS, sentence % {"n": count})


def inscribed_already(delegation: str, panel: Segment) -> RegistrationRefused:
    """Return the refusal of a second place for a delegation on a panel's list."""
    sentence = _(
        "%(delegation)s is already inscribed in “%(panel)s”, and each delegation has one "
        "place. To name another speaker, use “Replace the speaker” on the mission’s personal "
        "page. Otherwise deselect this panel and submit again."
    )
    values = {"delegation": delegation, "panel": panel.title}
    return RegistrationRefused(Reason.INSCRIBED_ALREADY, sentence % values, "segments")


def no_floor_to_join() -> RegistrationRefused:
    """Return the refusal to join an intervention that has not been asked for."""
    sentence = _("Ask for the floor in a panel first: then other organizations can join you.")
    return RegistrationRefused(Reason.UNFIT, sentence)


def withdrawn() -> RegistrationRefused:
    """Return the refusal to change a withdrawn registration: a withdrawal is final."""
    return RegistrationRefused(
        Reason.WITHDRAWN, _("This registration has been withdrawn. A withdrawal is final.")
    )


def meeting_begun() -> RegistrationRefused:
    """Return the refusal to change an answer after the meeting has started."""
    sentence = _("The meeting has started, so this answer can no longer be changed.")
    return RegistrationRefused(Reason.MEETING_BEGUN, sentence)
