"""The interpreters in the booths of a hearing, and the glossary that all booths share."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.ui.languages import language_name


class Interpreter(models.Model):
    """A person's place in the booth of one language; nobody has two places in a hearing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="interpreters")
    language = models.CharField(_("language"), max_length=16, help_text="BCP 47")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="booths")
    seq = models.BigIntegerField(help_text="the entry by which they came")

    class Meta:
        ordering = ("seq",)
        constraints = (
            models.UniqueConstraint(fields=("hearing", "person"), name="interpreter_sits_once"),
        )

    @property
    def spoken(self) -> str:
        """The name of the booth's language, in the reader's language."""
        return language_name(self.language)


class Glossary(models.Model):
    """The terms of a hearing, in the order in which the secretariat lists them."""

    hearing = models.OneToOneField(
        Hearing, primary_key=True, on_delete=models.CASCADE, related_name="glossary"
    )
    terms = models.JSONField(default=list, help_text='[{"en": "…", "fr": "…"}]')
