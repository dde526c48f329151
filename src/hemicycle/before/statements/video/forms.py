"""Forms about recorded videos: one submits a video, the other sets when it is played."""

from django import forms
from django.utils.translation import gettext_lazy, gettext_noop

from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video.probe import LARGEST
from hemicycle.ui.file_fields import LimitedFileField
from hemicycle.ui.uploads import FileRule

RECORDING = FileRule(
    gettext_noop("A video (MP4 or WebM) or a sound recording (M4A, MP3 or WebM), up to %(n)s MB."),
    LARGEST,
    "video/mp4,video/webm,audio/mp4,audio/mpeg,audio/webm,.mp4,.m4v,.webm,.m4a,.mp3",
)


class VideoForm(forms.Form):
    """A video, or a sound recording, as a file."""

    file = LimitedFileField(
        RECORDING,
        label=gettext_lazy("Video or sound recording"),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )
    use_required_attribute = False


class PlayForm(forms.Form):
    """The choice when a video is played."""

    play = forms.ChoiceField(
        label=gettext_lazy("Play it"), choices=Video.Play.choices, widget=forms.RadioSelect
    )
