"""A hearing's record as a log that anyone can follow, in the format of C2SP tlog-tiles.

Tiles never change, so they can be cached. Only hashes are published: an entry of the log is the
32-byte hash of an entry of the record.
"""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hemicycle.hearing.setup import timestamping
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.checkpointing import origin
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock
from hemicycle.record.log import checkpoints, proofs, store, tiles, timestamps
from hemicycle.record.models import Checkpoint, Cosignature, Entry
from hemicycle.record.witness import renewed_key

FOR_EVER = "public, max-age=31536000, immutable"
NOT_KEPT = "no-cache"
"""Checkpoints are revalidated on every request: a cache would hide that the log has grown."""


def _newest(hearing: Hearing) -> Checkpoint:
    found = checkpoints.latest(hearing.id)
    if found is None:
        raise Http404
    return found


def _answer(body: str | bytes, content_type: str, caching: str) -> HttpResponse:
    # Pages of other sites may read it too, such as those of a witness.
    headers = {"Cache-Control": caching, "Access-Control-Allow-Origin": "*"}
    return HttpResponse(body, content_type=content_type, headers=headers)


@require_safe
@public_hearing
def checkpoint(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Return the newest checkpoint, with the cosignatures received so far."""
    note = checkpoints.note_of(_newest(hearing))
    return _answer(str(note), "text/plain; charset=utf-8", NOT_KEPT)


@require_safe
@public_hearing
def key(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Return the key that signs checkpoints now, in the format that witnesses accept."""
    text = f"{checkpoints.verifier_key(hearing.id, origin(hearing))}\n"
    return _answer(text, "text/plain; charset=utf-8", NOT_KEPT)


@require_safe
@public_hearing
def successions(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Return the entries by which the signing key succeeded earlier ones, with proofs."""
    found = checkpoints.successions(hearing.id, _newest(hearing))
    return _json(renewed_key.document(found))


@require_safe
@public_hearing
def tile(request: HttpRequest, hearing: Hearing, path: str) -> HttpResponseBase:
    """Return a whole or partial tile, or a bundle of entries."""
    try:
        wanted = tiles.TilePath.parse(path)
    except tiles.InvalidTile as error:
        raise Http404 from error
    newest = _newest(hearing)
    if wanted.width > tiles.width_at(wanted.level or 0, wanted.number, newest.size):
        raise Http404
    body = _bundle(hearing, wanted) if wanted.level is None else _tile(hearing, wanted)
    return _answer(body, "application/octet-stream", FOR_EVER)


def _bundle(hearing: Hearing, wanted: tiles.TilePath) -> bytes:
    first = wanted.number * tiles.WIDTH
    return tiles.bundle(store.leaves(hearing.id, first, first + wanted.width))


def _tile(hearing: Hearing, wanted: tiles.TilePath) -> bytes:
    assert wanted.level is not None
    size = (wanted.number * tiles.WIDTH + wanted.width) << (tiles.HEIGHT * wanted.level)
    return b"".join(store.tile(hearing.id, wanted.level, wanted.number, size))


@require_safe
@public_hearing
def inclusion(request: HttpRequest, hearing: Hearing, seq: int) -> HttpResponseBase:
    """Return the proof that an entry is in a checkpoint, as receipts contain it."""
    found = checkpoints.inclusion(hearing.id, seq) if seq else None
    if found is None:
        raise Http404
    proof = checkpoints.proof_of(found)
    return _json({"entry": seq, "hash": _leaf(hearing, seq), "proof": proof})


@require_safe
@public_hearing
def entry(request: HttpRequest, hearing: Hearing, seq: int) -> HttpResponseBase:
    """Show an entry's place in the log: its hash, and the checkpoint that covers it."""
    link = Entry.objects.filter(hearing=hearing.id, seq=seq).values("hash", "digest").first()
    if link is None:
        raise Http404
    best = checkpoints.best_for(hearing.id, seq)
    cosigned = (
        best.cosignatures.order_by("timestamp", "name") if best else Cosignature.objects.none()
    )
    context = {
        "hearing": hearing,
        "seq": seq,
        "link": link,
        "checkpoint": best,
        "at": clock.from_ms(best.at) if best else None,
        "witnesses": [(row.name, clock.from_ms(row.timestamp * 1000)) for row in cosigned],
    }
    return render(request, "hearing/log_entry.html", context)


@require_safe
@public_hearing
def timestamp(request: HttpRequest, hearing: Hearing, seq: int) -> HttpResponseBase:
    """Return the proof that an entry was on the record at a time that the authority has stamped."""
    found = timestamping.best_for(hearing.id, seq) if seq else None
    if found is None:
        raise Http404
    stamped = Checkpoint.objects.get(hearing=hearing.id, size=found.size)
    proof = checkpoints.proof_of(checkpoints.inclusion_in(stamped, seq))
    return _json(timestamps.proof(seq, _leaf(hearing, seq), proof, bytes(found.token)))


def _leaf(hearing: Hearing, seq: int) -> str:
    (leaf,) = store.leaves(hearing.id, seq - 1, seq)
    return leaf.hex()


@require_safe
@public_hearing
def consistency(request: HttpRequest, hearing: Hearing, old: int, new: int) -> HttpResponseBase:
    """Return the proof that the record of `old` entries is the beginning of that of `new`."""
    if not 0 < old <= new <= _newest(hearing).size:
        raise Http404
    path = proofs.spelled(checkpoints.consistency(hearing.id, old, new))
    return _json({"old": old, "new": new, "path": path})


def _json(document: dict[str, object]) -> HttpResponseBase:
    headers = {"Cache-Control": NOT_KEPT, "Access-Control-Allow-Origin": "*"}
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False}, headers=headers)
