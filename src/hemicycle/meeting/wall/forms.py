"""The forms of the wall, for visitors and for the secretariat."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle import ssrf_guard
from hemicycle.meeting.wall.actions import LONGEST, LONGEST_NAME, LONGEST_REASON
from hemicycle.meeting.wall.models import Origin, Wall

BLUESKY = "https://public.api.bsky.app"


class PostForm(forms.Form):
    """A post. `website` is a trap for programs; people do not see the field."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=_("As others will see it. You can leave it empty."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname", "dir": "auto"}),
    )
    text = forms.CharField(
        label=_("What you want to say"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": LONGEST, "dir": "auto"}),
    )


class SetUpForm(forms.ModelForm[Wall]):
    """The setup of the wall."""

    class Meta:
        model = Wall
        fields = ("is_public", "takes_posts", "is_moderated")


class SourceForm(forms.Form):
    """A server from which posts with a hashtag are gathered."""

    origin = forms.ChoiceField(
        label=pgettext_lazy("source", "From"),
        choices=[(origin.value, origin.label) for origin in (Origin.MASTODON, Origin.BLUESKY)],
    )
    server = forms.CharField(
        label=_("Server"),
        max_length=200,
        required=False,
        help_text=_("For example, https://social.example.org. Leave it empty for Bluesky."),
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "url"}),
    )
    hashtag = forms.CharField(
        label=_("Hashtag"), max_length=80, widget=forms.TextInput(attrs={"dir": "auto"})
    )

    def clean_hashtag(self) -> str:
        """Return the tag without its # sign."""
        tag = str(self.cleaned_data["hashtag"]).strip().lstrip("#＃")
        if not tag or not tag.replace("_", "").isalnum():
            raise forms.ValidationError(_("A hashtag must be one word of letters, digits and _."))
        return tag

    def clean(self) -> dict[str, Any]:
        """Replace the server by its origin, such as https://host; refuse an internal one."""
        data: dict[str, Any] = super().clean() or {}
        typed = (data.get("server") or "").strip()
        if not typed and data.get("origin") == Origin.BLUESKY:
            typed = BLUESKY
        data["server"] = _origin(typed)
        if not data["server"] and "server" not in self.errors:
            self.add_error("server", _("Enter the server as https:// followed by its name."))
        elif data["server"]:
            self._check_reach(data["server"])
        return data

    def _check_reach(self, server: str) -> None:
        try:
            ssrf_guard.check(server)
        except ssrf_guard.Forbidden as forbidden:
            self.add_error("server", str(forbidden))


def _origin(typed: str) -> str:
    """Return the scheme and host of an address, or "" if it is not a bare server address."""
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    bare = not (parts.username or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme not in {"https", "http"} or not host or not bare or len(host) > 150:
        return ""
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}"


class ReasonForm(forms.Form):
    """The reason why posts are hidden, or an author is blocked."""

    reason = forms.CharField(
        label=_("Why it is hidden or blocked"), max_length=LONGEST_REASON, required=False
    )
