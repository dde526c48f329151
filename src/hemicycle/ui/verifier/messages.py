"""The texts of the verifier page; the English ones are also those of `hemicycle verify`."""

from django.utils.translation import gettext as _


def messages() -> dict[str, str]:
    """Return every text of the page by its key, in the active language."""
    proofs = _proofs() | _log() | _carried()
    return _page() | _places() | _problems() | proofs | _unreadable() | _results()


def _page() -> dict[str, str]:
    return {
        "without_script": _(
            "This page does its checks on your own device and needs JavaScript. Without it, use "
            "the program verify.pyz."
        ),
        "page.language": _("Language"),
        "page.title": _("Check it on your own device"),
        "page.lead": _(
            "This page checks receipts, published chains and archives of a hearing, in your "
            "browser. What you choose here stays on this device: the page cannot send anything, "
            "and works without a network."
        ),
        "page.key": _("Fingerprint of the hearing’s key"),
        "page.key_help": _(
            "64 digits, from a letter, from a receipt that you have kept, or from the "
            "hearing’s page. Do not take it from the archive that you are checking: a forger "
            "could put a key into it."
        ),
        "page.key_from_link": _(
            "This fingerprint came with the link. Compare it with the one in your letter."
        ),
        "page.key_problem": _(
            "This is neither a fingerprint (64 hexadecimal digits) nor a public key. "
            "Nothing is checked until it is corrected or removed."
        ),
        "page.witnesses": _("Keys of witnesses, if you know some"),
        "page.witnesses_help": _(
            "One key on each line, as a witness prints it (name+number+key). Take it from the "
            "witness itself."
        ),
        "page.witnesses_problem": _(
            "One of the lines is not the key of a witness. Nothing is checked until it is "
            "corrected."
        ),
        "page.give": _("What do you want to check?"),
        "page.give_help": _(
            "You can choose receipts, a chain and an archive together: this page then looks for "
            "the receipts in the record. You can also drop files or a folder here."
        ),
        "page.files": _("Choose files"),
        "page.folder": _("Choose an archive’s folder"),
        "page.again": _("Remove all"),
        "page.working": _("Checking …"),
        "page.archive": _("Contents of this archive"),
        "page.chain": _("The published chain"),
    }


def _places() -> dict[str, str]:
    return {
        "where.file": _("file {name}"),
        "where.entry": _("hearing {hearing}, entry {seq}"),
        "where.line": _("{name}, line {number}"),
        "where.note": _("note {key}…"),
        "where.a_note": _("a note"),
        "where.seal": _("the seal"),
        "where.checkpoints": _("the checkpoints"),
        "where.succession": _("succession {number}"),
        "kind.seal_of_chain": _("the seal of a chain"),
        "kind.seal_of_archive": _("the seal of an archive"),
        "kind.receipt": _("a receipt"),
        "kind.succession": _("the succession of a key"),
        "kind.other": _("something else"),
    }


def _problems() -> dict[str, str]:
    return {
        "problem.unreadable": _("it cannot be read"),
        "problem.out_of_order": _(
            "it follows entry {seq}, so entries are missing, duplicated or out of order"
        ),
        "problem.content_changed": _("its content has been changed since it was written"),
        "problem.not_following": _("its hash does not follow from the one before"),
        "problem.end": _("the record should end at entry {head}, but entry {seq} is the last"),
        "problem.late": _(
            "it was received after the deadline, and the secretariat did not admit it"
        ),
        "problem.late_without_reason": _(
            "it admits a late registration without a reason from the secretariat"
        ),
        "problem.joint_without_consent": _(
            "it joins two requests without the agreement of both sides"
        ),
        "problem.joint_list": _(
            "it joins two requests, and the list before or after it is not the one that follows "
            "from the record"
        ),
        "problem.words_changed": _("its words have been changed"),
        "problem.not_the_records_key": _(
            "it is signed with a key other than the one that the record names: {signer}, not "
            "{other}"
        ),
        "problem.not_your_key": _(
            "it is signed with a key other than the one that you gave: {signer}, not {other}"
        ),
        "problem.missing": _("it is missing"),
        "problem.changed": _("it has been changed"),
        "problem.added": _("it has been added"),
        "problem.renamed": _("it has been renamed to {to}"),
        "problem.twice": _("it is in the zip twice"),
        "problem.leads_out": _("its name points outside the archive"),
        "problem.alien_entries": _("it has entries of another hearing"),
        "problem.no_manifest": _("it is not the manifest of an archive"),
    }


def _proofs() -> dict[str, str]:
    return {
        "proof.unreadable": _("This is not a readable signed document."),
        "proof.key_unreadable": _("The public key cannot be read."),
        "proof.key_alien": _("The public key is not of the type that signs receipts."),
        "proof.changed": _("The signature does not belong to this text: it has been changed."),
        "proof.spelling": _("The signature has been changed."),
        "proof.alien": _("It is {found}, not {wanted}."),
        "proof.incomplete": _("It does not say what {wanted} must say."),
        "proof.no_succession": _("It is not the succession of a key."),
        "proof.succession_elsewhere": _("It is the succession of a key of another hearing."),
        "proof.succession_by_other": _("It is signed by a key that was not in force."),
        "proof.other_key": _("It is signed with another key, whose fingerprint is {fingerprint}."),
        "proof.no_receipt": _("This kind of receipt is not known here."),
        "proof.receipt_incomplete": _("This receipt is incomplete."),
        "proof.receipt_contradicts": _(
            "This receipt contradicts itself: its entry does not lead to its hash."
        ),
        "proof.no_entry": _("The published chain has no entry {seq}."),
        "proof.another_entry": _(
            "Entry {seq} of the published chain is not the one on this receipt."
        ),
        "proof.other_hearing": _(
            "The receipt and the published chain belong to different hearings."
        ),
        "proof.chain_broken": _("The published chain in “{name}” is not valid."),
        "proof.no_chain": _("This is not a readable published chain."),
    }


def _log() -> dict[str, str]:
    return {
        "log.no_signature": _("The note has a line that is not a signature."),
        "log.no_note": _("This is not a readable signed note."),
        "log.many_signatures": _("The note has too many signatures."),
        "log.no_checkpoint": _("This is not a readable checkpoint."),
        "log.no_name": _("“{name}” cannot be the name of a key."),
        "log.changed": _("The signature of {name} does not belong to this text."),
        "log.not_signed": _("It is not signed by {name}."),
        "log.signature_unreadable": _("The signature of {name} cannot be read."),
        "log.too_old": _("The cosignature of {name} is older than the entry: a clock was wrong."),
        "log.proof_incomplete": _("This receipt’s proof is incomplete."),
        "log.leads_elsewhere": _(
            "The proof does not lead from the entry to the checkpoint of {origin}."
        ),
        "log.other_history": _(
            "The record does not begin with the {size} entries of the receipt’s checkpoint: two "
            "histories were signed. Keep both files: together they prove it."
        ),
    }


def _carried() -> dict[str, str]:
    return {
        "carried.unreadable": _("It is not a readable list of checkpoints."),
        "carried.two_logs": _("It has checkpoints of two logs: {one} and {other}."),
        "carried.other_key": _(
            "The checkpoint of {size} entries is signed with a key other than the one that the "
            "record names: {signer}."
        ),
        "carried.cut": _(
            "The checkpoint covers {size} entries, but the record has only {count}: entries were "
            "removed from the record, or the checkpoint belongs to another hearing."
        ),
        "carried.other_root": _(
            "The record does not lead to the root of the checkpoint of {size} entries of {origin}: "
            "the checkpoint belongs to another hearing, or the history was changed."
        ),
        "carried.chain_differs": _(
            "Entry {seq} is different in the published chain in “{name}”: two histories were "
            "signed. Keep both files: together they prove it."
        ),
    }


def _unreadable() -> dict[str, str]:
    return {
        "unreadable.zip": _("The zip cannot be unpacked: it is damaged, or of an unknown kind."),
        "unreadable.file": _("The file {name} cannot be read. Choose it again."),
        "unreadable.large": _("The file {name} is larger than this page can read."),
        "unreadable.no_archive": _(
            "This is not an exported hearing: it has no record.jsonl. Choose the folder that "
            "contains record.jsonl."
        ),
        "unreadable.unknown": _("This is not a receipt, published chain or archive."),
        "unreadable.no_signatures": _(
            "This browser cannot check signatures here (Ed25519), so nothing is verified. Open "
            "this page by https or as a saved file, in a current Firefox, Chromium or Safari, or "
            "use the program verify.pyz from the hearing’s page."
        ),
    }


def _results() -> dict[str, str]:
    return {
        "what.archive": _("Archive"),
        "what.chain": _("Published chain"),
        "what.receipt": _("Receipt"),
        "what.other": _("File"),
        "status.0": _("Verified"),
        "status.1": _("Refused: it is not valid"),
        "status.2": _("It cannot be checked"),
        "status.3": _("Consistent, but the signer is unknown"),
        "advice.1": _(
            "Keep this file as it is, get another copy from the hearing’s page, and tell the "
            "secretariat what this page says."
        ),
        "advice.2": _("This says nothing about whether it is genuine."),
        "advice.3": _(
            "Compare the key below with the one in a letter, on a receipt or on the hearing’s "
            "page, and enter that one above."
        ),
        "advice.renewed": _(
            "If the key was renewed since, give the published chain as well: it leads from each "
            "key to the next."
        ),
        "heading.proved": _("What was proved"),
        "heading.witnessed": _("Who witnessed it"),
        "heading.not_proved": _("What was not proved"),
        "proved.record": _(
            "The entries of the record follow from one another up to entry {seq}: none was "
            "changed, removed or inserted."
        ),
        "proved.files": _(
            "Every file of the archive is as it was when it was sealed: none was added, removed "
            "or renamed."
        ),
        "proved.signed": _(
            "The key that you gave, or one that it leads to on the record, sealed it: {at}."
        ),
        "proved.unchanged": _("It has not been changed since it was sealed: {at}."),
        "proved.entry": _("The hearing recorded entry {seq}: {at}."),
        "proved.checkpoint": _(
            "The entry is in the checkpoint of {origin} over its first {size} entries."
        ),
        "proved.leads": _(
            "The record leads to the checkpoint of {origin} over its first {size} entries."
        ),
        "proved.later": _(
            "The published chain in “{name}” begins with these entries, and leads to the "
            "checkpoint of {origin} over its first {size} entries."
        ),
        "proved.place": _("The record in “{name}” still has this entry at place {seq}."),
        "proved.receipt_signed": _(
            "The key that you gave, or one that a succession links to it, signed this receipt."
        ),
        "proved.receipt_unchanged": _("This receipt has not been changed since it was signed."),
        "entry.registration.received": _("A registration was received."),
        "entry.speaker.inscribed": _("A speaker was put on a list of speakers."),
        "witnessed.by": _("{name}, {at}"),
        "witnessed.up_to": _("{name}, {at}: the first {size} entries"),
        "witnessed.unknown": _(
            "Signatures of others, which were not checked since their keys were not given: {names}"
        ),
        "witnessed.none": _("No one outside: what you gave has no signature of a witness."),
        "not_proved.signer": _("Who signed it: anyone can make a key."),
        "not_proved.place": _(
            "That the published record still has this entry: give the published chain too."
        ),
        "not_proved.contents": _("What the entries say: a chain has only their digests."),
        "not_proved.other_history": _(
            "That the holder of the key has not signed another history as well. Receipts and "
            "older copies of the chain would show it."
        ),
        "not_proved.witness": _(
            "That it was seen by {names}: it has no signature by the key that you gave."
        ),
        "not_proved.unwitnessed": _(
            "That the holder of the key did not rewrite entries {first} to {last}: no witness "
            "whose key you gave has signed for them."
        ),
        "not_proved.later": _(
            "Whether witnesses have signed since it was sealed: choose the published chain of "
            "today too (chain.json)."
        ),
        "not_proved.stamp": _(
            "What the time stamp says: this page does not check it. The program verify.pyz does, "
            "with the authority’s certificate (--tsa)."
        ),
        "not_proved.truth": _(
            "That what was recorded is true or complete. It is proved only that it was recorded so."
        ),
        "not_proved.page": _(
            "That this page is honest, if it came with what you are checking. Take it from the "
            "hearing’s own site."
        ),
        "fact.place": _("Place by order of arrival"),
        "fact.entry": _("Entry of the record"),
        "fact.recorded": _("Recorded"),
        "fact.entries": _("Entries"),
        "fact.notes": _("Notes"),
        "fact.sealed": _("Sealed"),
        "fact.origin": _("Site"),
        "fact.hearing": _("Hearing"),
        "fact.hash": _("Hash"),
        "fact.key": _("Signed with the key"),
        "fact.ignored": _("Not part of the archive"),
    }
