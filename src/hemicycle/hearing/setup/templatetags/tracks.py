"""The names of a hearing's tracks."""

from django import template

from hemicycle.hearing.setup.models import Hearing

register = template.Library()


@register.filter
def track_label(hearing: Hearing, key: str) -> str:
    """Return the track's name in the reader's language: `{{ hearing|track_label:row.track }}`."""
    return hearing.track_label(key)
