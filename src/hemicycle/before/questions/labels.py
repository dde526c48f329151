"""The sentences by which the audit page describes questions for panellists."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import labels

SENTENCES = {
    "question.submitted": _("%(registration)s submitted a question for %(segment)s."),
    "question.sorted": _("A question was sorted under the guiding question %(guiding_question)s."),
    "question.set_aside": _("A question was set aside. Reason: %(note)s"),
}

labels.declare_sentences(SENTENCES)
