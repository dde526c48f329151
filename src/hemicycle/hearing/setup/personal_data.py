"""Every kind of personal data that is stored: the reason, the period, and what deletes it.

The public page about privacy, the office and `docs/privacy.md` are made from this table, and
`tests/hearing/setup/test_personal_data.py` fails if a model or a folder of files is missing from
it, or if the eraser of a kind is not connected. Add every new model here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Text = str | Promise


class Basis(models.TextChoices):
    """The legal basis of storing something."""

    TASK = "task", _("The task of holding the hearing")
    CONSENT = "consent", _("Your consent, which you can withdraw")
    SAFETY = "safety", _("The safety of the service and of those who use it")
    RECORD = "record", _("The public interest in a record that cannot be changed")


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A kind of personal data.

    `models` are labels (`app.Model`), `stores` folders or files in the data folder, and `erasers`
    dotted names of the functions that delete it. If there is no such function, `by_hand` says who
    deletes it.
    """

    key: str
    what: Text
    purpose: Text
    basis: Basis
    goes: Text
    models: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    erasers: tuple[str, ...] = ()
    by_hand: Text = ""


WITH_HEARING: Final = _(
    "When the hearing’s retention period is over, or earlier if you ask for erasure."
)

TABLE: Final[tuple[PersonalData, ...]] = (
    PersonalData(
        "registrations",
        _(
            "Registrations: name, function, e-mail address, language, time zone, access needs, "
            "gender, organization, its contact, alias, co-signers"
        ),
        _("To decide who takes part, to call speakers, and to write to them."),
        Basis.TASK,
        WITH_HEARING,
        models=(
            "people.Person",
            "people.Appointment",
            "registration.Registration",
            "registration.Inscription",
            "registration.CoSigner",
            "registration.Decision",
            "registration.Waiting",
            "registration.PendingChange",
            "registration.JoinProposal",
            "accreditation.Approval",
            "accreditation.Objection",
            "accreditation.EditionLine",
            "accreditation.LeftOut",
            "speakers.Move",
            "on_air.OnAirChoice",
        ),
        erasers=(
            "hemicycle.before.registration.receivers.erase_registrations",
            "hemicycle.before.on_air.receivers.erase_choices",
            "hemicycle.before.speakers.receivers.erase_notes",
            "hemicycle.hearing.people.receivers.erase_person",
        ),
    ),
    PersonalData(
        "readers",
        _("Readers: the name and address of a person who reads for a speaker"),
        _("To give them the speaker’s seat, and to say that another person reads."),
        Basis.CONSENT,
        WITH_HEARING,
        models=("readers.ProxyReader",),
        erasers=(
            "hemicycle.before.readers.receivers.erase_readers",
            "hemicycle.hearing.people.receivers.erase_person",
        ),
    ),
    PersonalData(
        "drafts",
        _("Drafts of forms, and the e-mail address to which their link was sent"),
        _("So that you do not have to fill in a form twice."),
        Basis.CONSENT,
        _("30 days after the last change, or when the form has been submitted and confirmed."),
        models=("registration.Draft",),
        erasers=(
            "hemicycle.before.registration.drafts.lapse",
            "hemicycle.before.registration.receivers.clear_registrations",
        ),
    ),
    PersonalData(
        "imports",
        _("Tables of registrations that the secretariat imported, and their rows"),
        _("To register people whom their organization named to the secretariat."),
        Basis.TASK,
        _(
            "The file: when its first row is entered. A row: when it is entered. Other rows: when "
            "the secretariat deletes them, or when the hearing’s retention period is over."
        ),
        models=("registration.RegistrationImport", "registration.ImportRow"),
        erasers=(
            "hemicycle.before.registration.receivers.erase_registrations",
            "hemicycle.before.registration.receivers.clear_registrations",
        ),
    ),
    PersonalData(
        "mission-addresses",
        _("The addresses from which missions write"),
        _("To know that an inscription comes from the mission."),
        Basis.TASK,
        WITH_HEARING,
        models=("registration.MissionAddress",),
        erasers=("hemicycle.before.registration.receivers.clear_registrations",),
    ),
    PersonalData(
        "evidence",
        _("Evidence that an organization may take part: words, links and files"),
        _("To decide whether the hearing is open to it."),
        Basis.TASK,
        WITH_HEARING,
        models=("accreditation.Evidence",),
        stores=("uploads/evidence",),
        erasers=("hemicycle.before.accreditation.erasing.erase_evidence",),
    ),
    PersonalData(
        "focal-points",
        _("Those who approve registrations, and where no-objection lists were sent"),
        _("To ask whether an organization is known, and whether a State objects."),
        Basis.TASK,
        WITH_HEARING,
        models=("accreditation.FocalPoint", "accreditation.EditionCopy"),
        erasers=(
            "hemicycle.before.accreditation.erasing.erase_focal_point",
            "hemicycle.before.accreditation.erasing.erase_copies",
            "hemicycle.before.accreditation.erasing.clear_copies",
        ),
    ),
    PersonalData(
        "consents",
        _("What participants and panellists consented to or withdrew, for each use, and when"),
        _("To respect their choices, and to prove it."),
        Basis.CONSENT,
        WITH_HEARING,
        models=("consent.Consent", "consent.SeatConsent"),
        erasers=("hemicycle.before.consent.receivers.erase_consents",),
    ),
    PersonalData(
        "statements",
        _("Statements: their titles, their files and the text extracted from them"),
        _("For interpreters and captions, and for the library if you agree to it."),
        Basis.CONSENT,
        WITH_HEARING,
        models=("statements.Statement", "statements.StatementVersion", "statements.Listing"),
        stores=("uploads/statements",),
        erasers=("hemicycle.before.statements.erasing.erase_statements",),
    ),
    PersonalData(
        "videos",
        _("Videos that speakers recorded beforehand"),
        _("To be played when the speaker’s turn comes."),
        Basis.CONSENT,
        WITH_HEARING,
        models=("statements.Video",),
        stores=("uploads/videos",),
        erasers=("hemicycle.before.statements.erasing.erase_videos",),
    ),
    PersonalData(
        "jobs",
        _("Uploaded files that are waiting to be read, with the form they came with"),
        _("To read uploads one after the other in an isolated process."),
        Basis.TASK,
        _("As soon as they have been read. The result is deleted after two days."),
        models=("jobs.Job",),
        stores=("uploads/jobs",),
        erasers=(
            "hemicycle.before.statements.uploads.erase",
            "hemicycle.hearing.setup.receivers.erase_note_uploads",
            "hemicycle.hearing.jobs.queue.tidy",
        ),
    ),
    PersonalData(
        "exports",
        _("Long tables that the secretariat exported, as files"),
        _("To make them without keeping the hearing’s pages waiting."),
        Basis.TASK,
        _("After two days, or as soon as anybody is erased from the hearing."),
        models=("jobs.Job",),
        stores=("uploads/jobs",),
        erasers=(
            "hemicycle.hearing.exports.receivers.discard",
            "hemicycle.hearing.jobs.queue.tidy",
        ),
    ),
    PersonalData(
        "questions",
        _("Questions to the panels"),
        _("To be asked in the meeting."),
        Basis.TASK,
        WITH_HEARING,
        models=("questions.Question",),
        erasers=("hemicycle.before.questions.receivers.erase_questions",),
    ),
    PersonalData(
        "training",
        _("Places in training sessions"),
        _("To know who comes, and to send a reminder."),
        Basis.TASK,
        WITH_HEARING,
        models=("training.SignUp",),
        erasers=("hemicycle.before.training.receivers.erase_sign_ups",),
    ),
    PersonalData(
        "staff",
        _("Staff: name, address, role, booth, API tokens"),
        _("To give access only to people who work for the hearing."),
        Basis.TASK,
        _(
            "When the hearing’s retention period is over. The secretariat’s own accounts stay "
            "until the secretariat erases them, or until an administrator deletes the only hearing "
            "that they work for."
        ),
        models=("interpretation.Interpreter", "api.Token", "summary.Presence"),
        erasers=(
            "hemicycle.meeting.interpretation.receivers.erase_interpreter",
            "hemicycle.site.api.receivers.erase_tokens",
            "hemicycle.hearing.people.receivers.erase_person",
        ),
    ),
    PersonalData(
        "panellists",
        _("Panellists and moderators: name, function and topic in the programme"),
        _("To announce speakers and give them their seat."),
        Basis.TASK,
        WITH_HEARING,
        models=("hearing.PanelMember", "hearing.Reading"),
        erasers=(
            "hemicycle.hearing.setup.receivers.erase_panel_member",
            "hemicycle.hearing.setup.receivers.clear_panels",
        ),
    ),
    PersonalData(
        "presentations",
        _("Presentations that panellists handed in"),
        _(
            "To be shown in the meeting, and on the hearing’s page and in its archive if you agree "
            "to it."
        ),
        Basis.CONSENT,
        WITH_HEARING,
        models=("meeting_documents.MeetingDocument",),
        stores=("uploads/documents",),
        erasers=("hemicycle.before.meeting_documents.receivers.erase_documents",),
    ),
    PersonalData(
        "sessions",
        _("Signing in: links, passkeys, sessions, device and network"),
        _("To verify your identity, and to show you where you are signed in."),
        Basis.SAFETY,
        _(
            "90 days after a session has ended. Links and passkeys: when the person’s data is "
            "erased."
        ),
        models=(
            "people.SignInLink",
            "people.SignInSession",
            "people.Tally",
            "sessions.Session",
            "mfa.Authenticator",
            "socialaccount.SocialAccount",
            "socialaccount.SocialToken",
            "account.EmailAddress",
            "account.EmailConfirmation",
        ),
        erasers=(
            "hemicycle.hearing.people.receivers.erase_person",
            "hemicycle.hearing.people.sessions.forget_ended",
        ),
    ),
    PersonalData(
        "checks",
        _("The last check of microphone and network"),
        _("So that technicians know who may need help."),
        Basis.TASK,
        WITH_HEARING,
        models=("room.Check",),
        erasers=("hemicycle.meeting.room.receivers.erase_check",),
    ),
    PersonalData(
        "lists",
        _("Distribution lists: names and addresses to which the secretariat writes"),
        _("To invite, and to circulate papers."),
        Basis.TASK,
        WITH_HEARING,
        models=("outgoing.Recipient", "outgoing.Import", "outgoing.Unsubscribed"),
        erasers=(
            "hemicycle.mail.outgoing.receivers.erase_messages",
            "hemicycle.mail.outgoing.receivers.clear_letters",
        ),
    ),
    PersonalData(
        "letters",
        _("Letters that were sent, with their enclosures, and calendar entries"),
        _("To prove what was sent, and to send again what did not arrive."),
        Basis.TASK,
        WITH_HEARING,
        models=(
            "outgoing.Message",
            "outgoing.Attempt",
            "outgoing.Enclosure",
            "outgoing.Letterhead",
            "outgoing.CalendarEntry",
            "summary.SummaryRecipient",
        ),
        erasers=(
            "hemicycle.mail.outgoing.receivers.erase_messages",
            "hemicycle.mail.outgoing.receivers.clear_letters",
            "hemicycle.outcome.summary.erasing.clear_recipients",
        ),
    ),
    PersonalData(
        "mail",
        _("Mail that was sent to the hearing, as it came"),
        _("To receive registrations, statements and questions by e-mail."),
        Basis.TASK,
        WITH_HEARING,
        models=("incoming.Mail",),
        stores=("uploads/mail",),
        erasers=(
            "hemicycle.mail.incoming.receivers.erase_mail",
            "hemicycle.mail.incoming.housekeeping.clear_mail",
        ),
    ),
    PersonalData(
        "unclaimed-mail",
        _("E-mail that could not be matched to a hearing"),
        _("So that the secretariat can find it."),
        Basis.TASK,
        _("90 days after it was received."),
        stores=("uploads/mail",),
        erasers=("hemicycle.mail.incoming.housekeeping.clear_unclaimed",),
    ),
    PersonalData(
        "wall",
        _("Posts on the wall and the names under which they were written"),
        _("To show what people say about the hearing."),
        Basis.CONSENT,
        _(
            "When the hearing’s retention period is over. The sender’s network address is deleted "
            "on the day after the post."
        ),
        models=("wall.Author", "wall.Post"),
        erasers=(
            "hemicycle.meeting.wall.retention.clear_wall",
            "hemicycle.meeting.wall.visitors.forget_networks",
        ),
    ),
    PersonalData(
        "summary",
        _("Sentences of the summary that quote someone"),
        _("To report what was said."),
        Basis.TASK,
        _(
            "When the person quoted is erased. The text of the sentence is deleted in every "
            "version and language."
        ),
        models=("summary.Sentence", "summary.SentenceTranslation", "summary.SummaryVersion"),
        erasers=("hemicycle.outcome.summary.erasing.erase_sentences",),
    ),
    PersonalData(
        "archives",
        _("Archives of a hearing, for the public and for the secretariat"),
        _("To pass on the whole hearing so that anyone can verify it."),
        Basis.RECORD,
        _(
            "Each erasure deletes the file, and the public archive is built again without the "
            "person. We cannot change copies that were downloaded before."
        ),
        models=("archive.Archive",),
        stores=("uploads/archives",),
        erasers=("hemicycle.outcome.archive.receivers.discard",),
    ),
    PersonalData(
        "recordings",
        _("Recordings of the meetings: picture with name plates, voices, captions"),
        _("To be watched live and afterwards."),
        Basis.TASK,
        _(
            "When the hearing’s retention period is over. People who withdraw their consent or "
            "ask for erasure are removed within a minute: picture, every language, captions, "
            "chapters and downloads. We cannot change copies that others recorded or "
            "downloaded."
        ),
        models=("cutting.Cut",),
        stores=("segments",),
        erasers=(
            "hemicycle.meeting.cutting.receivers.erase_recordings",
            "hemicycle.meeting.cutting.receivers.clear_recordings",
        ),
    ),
    PersonalData(
        "record",
        _("The record: what happened when, with random numbers instead of names"),
        _("So that anyone can verify that nothing was changed afterwards."),
        Basis.RECORD,
        _(
            "Its entries stay. When a person is erased, their numbers no longer identify "
            "anyone, and the text of an entry, such as a reason, is deleted."
        ),
        models=("record.Entry", "record.Note", "record.UnfinishedErasure"),
        erasers=("hemicycle.record.erasure.erase",),
    ),
    PersonalData(
        "erased-list",
        _("The list of erased people, as random numbers"),
        _("So that restoring a backup does not restore erased people."),
        Basis.TASK,
        _("It is kept as long as backups may be restored. It has no names."),
        models=("record.RemovedPerson",),
        stores=("erased.jsonl",),
        by_hand=_("The people who run the server."),
    ),
    PersonalData(
        "security-log",
        _(
            "The security log: who signed in, was refused, exported or erased, and from which "
            "network"
        ),
        _("To detect misuse."),
        Basis.SAFETY,
        _(
            "180 days after each line was written, unless the people who run the server chose "
            "another period."
        ),
        stores=("security",),
        erasers=("hemicycle.site.security.log_files.DayFiles",),
    ),
    PersonalData(
        "log",
        _("The server’s log: errors, with addresses of pages, without names"),
        _("To find faults."),
        Basis.SAFETY,
        _("The people who run the server decide where it is stored and for how long."),
        models=("django_tasks_database.DBTaskResult",),
        by_hand=_("The people who run the server."),
    ),
    PersonalData(
        "room-messages",
        _("Messages between seats, interpreters, moderator and technician during a meeting"),
        _("To help people whose sound or picture does not work."),
        Basis.TASK,
        _(
            "Messages to and from seats are deleted after an hour, and all messages when the "
            "meeting is over. They are in memory only and never stored."
        ),
        by_hand=_("The media engine deletes them from its memory."),
    ),
    PersonalData(
        "backups",
        _("Backups of all this"),
        _("To survive the loss of a machine."),
        Basis.SAFETY,
        _(
            "The people who run the server decide how long they are kept. We recommend no "
            "longer than 30 days. In a continuous copy, the data of erased people remains for two "
            "weeks at most. Data that was set aside while a backup was restored should be deleted "
            "within two weeks. People erased in the meantime are erased again when a backup is "
            "restored."
        ),
        erasers=("hemicycle.before.registration.housekeeping.erase_again",),
        by_hand=_("The people who run the server."),
    ),
)

IMPERSONAL: Final[dict[str, str]] = {
    "accreditation.Edition": "an edition of a list; who stands on it is in its lines",
    "api.Delivery": "entries of the record for a webhook",
    "api.Webhook": "an address of a program",
    "auth.Group": "not used",
    "auth.Permission": "not used",
    "contenttypes.ContentType": "names of models",
    "jobs.FileToDelete": "random names of files that have to go",
    "jobs.TaskLease": "which process does a thing now, by a random name",
    "hearing.Category": "a part of the hearing's document",
    "hearing.Deadline": "a part of the hearing's document",
    "hearing.GuidingQuestion": "a part of the hearing's document",
    "hearing.Hearing": "the hearing's document",
    "hearing.Meeting": "a part of the hearing's document",
    "hearing.Segment": "a part of the hearing's document",
    "hearing.Verification": "when a record was verified",
    "hearing.WitnessContact": "whether a witness's server answered",
    "incoming.Mailbox": "how far a mailbox of the hearing was read",
    "interpretation.Glossary": "terms of the hearing’s subject in its languages",
    "media_machines.MediaLease": "which machine runs a hearing",
    "media_machines.MediaMachine": "a machine and its address",
    "media_machines.RecordingFolder": "the id of a folder",
    "media_machines.RecordingRemoval": "the id of a folder",
    "operating.SignOfLife": "on which machine a process was last at work",
    "outgoing.CalendarService": "whether calendars are served",
    "outgoing.Mailing": "a letter to a list; to whom is in its messages",
    "outgoing.Recipients": "the name of a list",
    "outgoing.Reference": "references of letters on paper",
    "outgoing.ReferenceSeries": "how references are numbered",
    "outgoing.Wording": "texts of letters",
    "people.Organization": "organizations",
    "record.Checkpoint": "how long a record was, and a hash, signed",
    "record.Cosignature": "signatures of witnesses on checkpoints",
    "record.Head": "the end of a chain",
    "record.LogTile": "hashes of entries",
    "record.ServerClock": "how wrong the clock of the database's server is",
    "record.TimeStamp": "an authority's word on a checkpoint",
    "room.Airtime": "times",
    "room.Broadcaster": "an address of a broadcaster's server",
    "room.EdgeStatus": "a server",
    "room.Engine": "a process",
    "room.Screen": "a screen's clock",
    "socialaccount.SocialApp": "an institution's sign-in",
    "summary.Circulation": "when a summary was sent",
    "summary.Section": "headings",
    "summary.Summary": "a summary; what it says is in its sentences",
    "summary.SummaryTranslation": "that a translation exists; what it says is in its sentences",
    "training.Session": "when training is held",
    "wall.Source": "where posts are gathered",
    "wall.Wall": "how a wall is set up",
}
"""The models without personal data, and what they hold instead."""


def as_markdown(rows: Iterable[PersonalData] = TABLE) -> str:
    """Return the table as in `docs/privacy.md`, in the language now active."""
    head = (
        "| What | What for | On what basis | When it goes | What deletes it |\n"
        "|---|---|---|---|---|"
    )
    lines = [
        f"| {row.what} | {row.purpose} | {row.basis.label} | {row.goes} | {_deleted_by(row)} |"
        for row in rows
    ]
    return "\n".join([head, *lines])


def _deleted_by(row: PersonalData) -> str:
    parts = [f"`{name.removeprefix('hemicycle.')}`" for name in row.erasers]
    return ", ".join([*parts, *([str(row.by_hand)] if row.by_hand else [])])
