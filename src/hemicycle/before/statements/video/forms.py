"""The forms about recorded videos: one to submit it, one that says when it is played."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video.probe import LARGEST, SENTENCES

ACCEPTED = "video/mp4,video/webm,audio/mp4,audio/mpeg,audio/webm,.mp4,.m4v,.webm,.m4a,.mp3"


class VideoForm(forms.Form):
    """A video, or a sound recording, as a file."""

    file = forms.FileField(
        label=gettext_lazy("Video or sound recording"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )
    use_required_attribute = False

    def clean_file(self) -> Any:
        """Refuse a file that is too large before anything reads it."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            said = SENTENCES["too_large"]
            raise forms.ValidationError(_(said) % {"limit": LARGEST // 2**20})
        return file


class PlayForm(forms.Form):
    """When a video is played."""

    play = forms.ChoiceField(
        label=gettext_lazy("Play it"), choices=Video.Play.choices, widget=forms.RadioSelect
    )
