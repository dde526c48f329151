"""Actions on recorded videos: submit, withdraw, choose when to play.

A video is probed before the hearing's transaction, in a separate process; the worker probes videos
that were sent from a page (`uploads`). An inscription has one video: a new one replaces the
previous one, whose file is deleted.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from hashlib import sha256
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files.base import File
from django.utils.translation import gettext as _

from hemicycle.before.registration import quota, refusals, speaking_time
from hemicycle.before.registration.list_phase import ListPhase, floor_in, phase_of
from hemicycle.before.registration.models import Inscription
from hemicycle.before.statements import entry_types, files
from hemicycle.before.statements.actions import NOT_STORED
from hemicycle.before.statements.models import Video
from hemicycle.before.statements.video.probe import Probed, UnplayableVideo, probe
from hemicycle.hearing.jobs.stored_files import StoredFirst, stored_first
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, writer

Play = Video.Play
MOST = 20
"""The most videos that are accepted for one place, one after the other."""
SUFFIXES = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "audio/mp4": ".m4a",
    "audio/webm": ".webm",
    "audio/mpeg": ".mp3",
}
Looked = tuple[Probed, str]
"""The properties of a video, and the SHA-256 of its file."""


class VideoRefused(refusals.RegistrationRefused):
    """Raised for a video that cannot be accepted. `sentence` says why; nothing changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(refusals.Reason.STATEMENT_UNFIT, sentence, "file")


def hand_in(
    *,
    inscription: Inscription,
    uploaded: "File[Any]",
    by: Person | None,
    actor: writer.Actor,
    already: Looked | None = None,
    stored: StoredFirst | None = None,
) -> Video:
    """Store a file as the video of a slot; if the same file is sent again, it is the same video.

    `already` is the result of `look` and `stored` that of `store`, for a caller that holds the
    hearing's lock. Raises `VideoRefused` with a sentence for a file that cannot be played or lasts
    longer than the time limit, and for a slot that is no longer active or has had its turn.
    """
    if too_much := quota.excess(inscription.registration, uploaded.size or 0):
        raise VideoRefused(too_much)
    found, digest = already or look(uploaded, inscription)
    with (
        nullcontext(stored) if stored else store(uploaded, found) as own,
        writer.writing(inscription.hearing_id, actor=actor) as record,
    ):
        _check(record, inscription)
        rows = list(inscription.videos.all())
        if rows and rows[-1].sha256 == digest and rows[-1].withdrawn_at is None:
            return rows[-1]
        if len(rows) >= MOST:
            sentence = _("You have submitted %(n)d videos for this place, which is the maximum.")
            raise VideoRefused(sentence % {"n": MOST})
        video = _video(inscription, uploaded, found, digest)
        video.number = len(rows) + 1
        video.handed_in_at, video.handed_in_by = clock.from_ms(record.now), by
        video.file = own.take()
        for before in rows:
            video.play = before.play if before.withdrawn_at is None else video.play
            _retire(before)
        video.save(force_insert=True)
        record.append(entry_types.VIDEO_HANDED_IN, _told(video))
    return video


@contextmanager
def _opened(uploaded: "File[Any]") -> Iterator[IO[bytes]]:
    """Yield the upload as a file with a descriptor that another process can read.

    It is unbuffered, since both processes share the position in the open file. An upload in memory
    or in a remote store is copied to the disk for that time.
    """
    try:
        descriptor = uploaded.fileno()
    except (AttributeError, OSError):
        descriptor = None
    if descriptor is not None:
        if uploaded.writable():
            uploaded.flush()
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as own:
            yield own
        return
    with TemporaryFile() as copy:
        for chunk in uploaded.chunks():
            copy.write(chunk)
        copy.flush()
        yield copy


def look(uploaded: "File[Any]", inscription: Inscription) -> Looked:
    """Return a video's properties and digest.

    Raises `VideoRefused` for one that cannot be played.
    """
    hearing = Hearing.objects.get(pk=inscription.hearing_id)
    limit_ms = speaking_time.limit_s(hearing, inscription) * 1000
    with _opened(uploaded) as file:
        try:
            found = probe(file, uploaded.size or 0, limit_ms=limit_ms)
        except UnplayableVideo as unplayable:
            raise VideoRefused(unplayable.sentence) from unplayable
        return found, _digest(file)


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = sha256()
    while block := file.read(2**20):
        digest.update(block)
    return digest.hexdigest()


def _check(record: writer.Writer, inscription: Inscription) -> None:
    """Raise `VideoRefused` unless the place is active and has not had its turn."""
    inscription.refresh_from_db(fields=["state"])
    if inscription.state != Inscription.State.INSCRIBED or not inscription.registration.is_live:
        raise VideoRefused(_("This place on the list of speakers is no longer valid."))
    segment = inscription.segment
    floor = floor_in(record, segment.meeting_id)
    holds = floor.holder is not None and floor.holder.slot == inscription.id.hex
    if holds or phase_of(segment, floor) == ListPhase.OVER:
        raise VideoRefused(_("Your turn has come, so the video can no longer be changed."))


def _video(inscription: Inscription, uploaded: "File[Any]", found: Probed, digest: str) -> Video:
    return Video(
        hearing_id=inscription.hearing_id,
        inscription=inscription,
        file_name=PurePath((uploaded.name or "").replace("\0", "")).name[:255],
        media_type=found.media_type,
        size=uploaded.size or 0,
        sha256=digest,
        duration_ms=found.duration_ms,
        width=found.width,
        height=found.height,
        has_sound=bool(found.sound),
    )


@contextmanager
def store(uploaded: "File[Any]", found: Probed) -> Iterator[StoredFirst]:
    """Store a file under a name that cannot be guessed; delete it if its row is not saved.

    Raises `VideoRefused` if it cannot be stored.
    """
    name = f"{secrets.token_hex(16)}{SUFFIXES[found.media_type]}"
    with ExitStack() as until_saved:
        try:
            uploaded.seek(0)
            stored = until_saved.enter_context(stored_first(Video, name, uploaded))
        except OSError as error:  # a full disk, an unreachable store
            raise VideoRefused(_(NOT_STORED)) from error
        yield stored


def _retire(video: Video) -> None:
    files.drop_file(video)
    video.save(update_fields=["file"])


def _told(video: Video) -> dict[str, object]:
    return {
        "video": video.id.hex,
        "inscription": video.inscription_id.hex,
        "number": video.number,
        "duration_ms": video.duration_ms,
        "size": video.size,
        "sha256": video.sha256,
    }


def withdraw(*, video: Video, actor: writer.Actor) -> None:
    """Withdraw a video and delete its file; withdrawing again changes nothing."""
    with writer.writing(video.hearing_id, actor=actor) as record:
        video.refresh_from_db()
        if video.withdrawn_at is not None:
            return
        video.withdrawn_at = clock.from_ms(record.now)
        files.drop_file(video)
        video.save(update_fields=["withdrawn_at", "file"])
        body = {"video": video.id.hex, "inscription": video.inscription_id.hex}
        record.append(entry_types.VIDEO_WITHDRAWN, body)


def choose(*, video: Video, play: Video.Play, actor: writer.Actor) -> None:
    """Set when a video is played."""
    with writer.writing(video.hearing_id, actor=actor) as record:
        video.refresh_from_db()
        if video.play == play or not video.file:
            return
        video.play = play
        video.save(update_fields=["play"])
        body = {
            "video": video.id.hex,
            "inscription": video.inscription_id.hex,
            "play": play.value,
        }
        record.append(entry_types.VIDEO_PLAY_CHOSEN, body)
