"""The sentences about the wall in the audit view."""

from django.utils.translation import gettext_lazy as _

from hemicycle.meeting.wall.models import Origin, WallScreen
from hemicycle.record import labels

SENTENCES = {
    "wall.set_up": _(
        "The wall was set up. Public: %(is_public)s. Open to visitors: %(takes_posts)s. "
        "Moderated: %(is_moderated)s."
    ),
    "wall.screen_switched": _("The wall was shown or hidden. Place: %(screen)s. Shown: %(on)s."),
    "wall.source_added": _("A source of posts was added to the wall: %(origin)s."),
    "wall.source_removed": _("A source of posts was removed from the wall."),
    "wall.posted": _("A visitor posted on the wall."),
    "wall.gathered": _("Posts were collected for the wall: %(posts)s added, %(gone)s removed."),
    "wall.post_shown": _("A post was approved for the wall."),
    "wall.post_hidden": _("A post was hidden from the wall. Reason: %(note)s"),
    "wall.author_blocked": _("An author was blocked from the wall. Reason: %(note)s"),
    "wall.author_unblocked": _("An author was allowed on the wall again."),
    "wall.author_erased": _("An author of the wall was erased. Posts erased: %(posts)s."),
}

labels.declare_sentences(SENTENCES)
labels.declare_formats(screen=lambda value: str(WallScreen(value).label))
labels.declare_formats(origin=lambda value: str(Origin(value).label))
