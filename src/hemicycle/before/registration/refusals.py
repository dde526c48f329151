"""Why a registration is refused, with a sentence for each reason that says what to do next."""

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hemicycle.hearing.setup.models import Category, Segment


class Reason(StrEnum):
    """The closed vocabulary of refusals, as a rehearsal counts them."""

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
    """Nothing was changed. `field` is the form's field that the sentence belongs to, or empty."""

    def __init__(self, reason: Reason, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.field = field


class ListRefused(RegistrationRefused):
    """An act that the list does not allow; `sentence` says why. Nothing was changed."""

    def __init__(self, sentence: str, reason: Reason = Reason.MEETING_BEGUN) -> None:
        super().__init__(reason, sentence, "segments")


def too_late(closed: str) -> RegistrationRefused:
    """The deadline has passed; `closed` says when it was, in words."""
    sentence = _(
        "Registration closed on %(when)s. We received this form after that and cannot accept it."
    )
    return RegistrationRefused(Reason.TOO_LATE, sentence % {"when": closed})


def reason_for_late(field: str = "late_reason") -> RegistrationRefused:
    """The deadline has passed, and the secretariat gave no reason for an exception."""
    return RegistrationRefused(
        Reason.TOO_LATE,
        _("The deadline has passed. Give the reason for this exception. It is on the record."),
        field,
    )


def not_open() -> RegistrationRefused:
    """The hearing takes no registrations on this track."""
    return RegistrationRefused(
        Reason.NOT_OPEN, _("This hearing does not accept registrations here.")
    )


def registered_already() -> RegistrationRefused:
    """The same address for the same organization."""
    sentence = _(
        "This e-mail address is already registered for this organization. We have sent the "
        "personal link to it again. Use the link to see or correct the registration."
    )
    return RegistrationRefused(Reason.REGISTERED_ALREADY, sentence, "email")


def organization_full(most: int) -> RegistrationRefused:
    """The organization has as many representatives as the hearing allows."""
    sentence = ngettext(
        "This organization already has its one representative. To change the representative, "
        "use the personal page of that registration.",
        "This organization already has its %(n)s representatives. To change a representative, "
        "use the personal page of that registration.",
        most,
    )
    return RegistrationRefused(Reason.ORGANIZATION_FULL, sentence % {"n": most}, "organization")


def panel_full(panel: Segment, field: str) -> RegistrationRefused:
    """Every place on the panel's list is taken."""
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
    """Every place that the panel's list has for the track is taken."""
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
    """Every place of the category is taken."""
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
    """A registration on the waiting list cannot be accepted before those that have waited
    longer.
    """
    sentence = ngettext(
        "%(n)s of the selected registrations is on the waiting list, which moves up "
        "automatically in order of arrival. Deselect it, or give its category more places.",
        "%(n)s of the selected registrations are on the waiting list, which moves up "
        "automatically in order of arrival. Deselect them, or give their category more places.",
        count,
    )
    return RegistrationRefused(Reason.WAITS, sentence % {"n": count})


def inscribed_already(delegation: str, panel: Segment) -> RegistrationRefused:
    """A delegation has one place on a panel's list."""
    sentence = _(
        "%(delegation)s is already inscribed in “%(panel)s”, and each delegation has one "
        "place. To name another speaker, use “Replace the speaker” on the mission’s personal "
        "page. Otherwise deselect this panel and submit again."
    )
    values = {"delegation": delegation, "panel": panel.title}
    return RegistrationRefused(Reason.INSCRIBED_ALREADY, sentence % values, "segments")


def no_floor_to_join() -> RegistrationRefused:
    """Nobody can join an intervention that has not been asked for."""
    sentence = _("Ask for the floor in a panel first: then other organizations can join you.")
    return RegistrationRefused(Reason.UNFIT, sentence)


def withdrawn() -> RegistrationRefused:
    """A withdrawal is final."""
    return RegistrationRefused(
        Reason.WITHDRAWN, _("This registration has been withdrawn. A withdrawal is final.")
    )


def meeting_begun() -> RegistrationRefused:
    """An answer can no longer change once the meeting has started."""
    sentence = _("The meeting has started, so this answer can no longer be changed.")
    return RegistrationRefused(Reason.MEETING_BEGUN, sentence)
