"""The names of a hearing's tracks."""

from django import template

from hemicycle.hearing.setup.models import Hearing

register = template.Library()


@register.filter
def track_label(hearing: Hearing, key: str) -> str:
    """`{{ hearing|track_label:row.track }}`: the track's name in the reader's language."""
    return hearing.track_label(key)
