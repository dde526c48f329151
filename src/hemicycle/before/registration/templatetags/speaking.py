"""How long somebody on a list may speak."""

from django import template

from hemicycle.before.registration import speaking_time
from hemicycle.before.registration.models import Inscription
from hemicycle.hearing.setup.models import Hearing

register = template.Library()


@register.filter
def speaking_ms(hearing: Hearing, place: Inscription) -> int:
    """`{{ hearing|speaking_ms:line.inscription }}`: the time limit of a place, in ms."""
    return speaking_time.limit_s(hearing, place) * 1000


@register.filter
def special_ms(hearing: Hearing, place: Inscription) -> int | None:
    """`{{ hearing|special_ms:line.inscription }}`: the limit in ms, or None if it is the usual."""
    return speaking_time.special_limit_ms(hearing, place)
