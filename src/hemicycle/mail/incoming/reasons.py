"""Sentences that say why a message waits for a person or was set aside; a closed vocabulary."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WHY: dict[str, str | Promise] = {
    # it waits
    "other": _("Messages to this address are not processed automatically."),
    "unknown_sender": _("No registration matches the sender."),
    "unsure": _("It is not certain enough which registration it belongs to."),
    "several": _("Several registrations match equally well."),
    "failed_check": _("The check of the sender’s domain failed. The message may be forged."),
    "several_senders": _("It names several senders, so it is unclear whose it is."),
    "unchecked": _(
        "The sender’s domain was not checked. Without this check, a message of this kind is not "
        "accepted automatically."
    ),
    "changed": _("A message with the same id but other content was received before."),
    "no_document": _(
        "No document is attached. The text of a message is not accepted automatically."
    ),
    "several_documents": _("Several documents are attached: which one is the statement?"),
    "which_place": _("The sender has several places on the lists: for which one is it?"),
    "no_statement": _("The sender has not submitted a statement yet."),
    "which_statement": _("The sender has several statements: which one is to be published?"),
    "no_request": _("It does not clearly ask for publication."),
    "confirm": _("An inscription was read from the message and is waiting to be confirmed."),
    "incomplete": _(
        "Part of an inscription was read from the message. The rest must be filled in."
    ),
    "not_taken": _("It could not be accepted as it is."),
    "encrypted": _("It is encrypted, so nothing in it could be read."),
    "unreadable": _("The message is too damaged to read."),
    "empty": _("It is empty."),
    "virus": _("The virus scanner found something in it."),
    "unscanned": _("The virus scanner could not be reached."),
    "too_large": _("It is too large. The complete message is still in the mailbox."),
    "error": _("Reading it failed several times."),
    "reopened": _("A person reopened it."),
    # it is done or set aside
    "taken": _("It was accepted automatically."),
    "by_person": _("A person decided."),
    "duplicate": _("The same message was received before."),
    "bounce": _("It reports that a message of ours could not be delivered."),
    "reply": _("A program wrote it, such as a notice of absence."),
    "bulk": _("It was sent to a list."),
    "loop": _("It is a message of our own."),
}

PROBLEMS: dict[str, str | Promise] = {
    "broken": _("the message is damaged"),
    "charset": _("its text is not in the character set it claims"),
    "deep": _("parts nested too deeply were not opened"),
    "empty": _("it is empty"),
    "encrypted": _("it is encrypted"),
    "many_files": _("it has more attachments than we read"),
    "many_parts": _("it has more parts than we read"),
    "several_senders": _("it names several senders"),
    "too_large": _("too large"),
    "unreadable": _("its parts could not be read"),
    "virus": _("the virus scanner found something"),
    "winmail": _("an Outlook file (winmail.dat) that could not be opened"),
}

MATCHED: dict[str, str | Promise] = {
    "token": _("sent to the participant’s own address"),
    "reply": _("answers a message that we sent to the participant"),
    "address": _("same e-mail address"),
    "domain": _("same domain as the registered address"),
    "name": _("same name"),
    "organization": _("the organization is named"),
    "failed": _("the check of the sender’s domain failed"),
    "checked": _("the sender’s domain is confirmed"),
    "chosen": _("chosen by a person"),
}
