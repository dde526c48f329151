"""`hemicycle witness`: follow hearings from outside, and report a changed history.

A mission, a newspaper or an association runs it anywhere, also as ``python verify.pyz witness``. It
stores its key and what it has seen in its own folder, cosigns each checkpoint that continues the
last one, and stops with an alarm when one does not.

Standard library and `cryptography` only.
"""

import argparse
import sys
import time
from pathlib import Path

from hemicycle.record import speech
from hemicycle.record.log.notes import LOG, InvalidNote, VerifierKey
from hemicycle.record.log.remote import LogUnreachable, RemoteLog
from hemicycle.record.speech import gettext as _
from hemicycle.record.witness import following, listening
from hemicycle.record.witness.judging import ForkFound, NotCosigned, Witness
from hemicycle.record.witness.renewed_key import RenewedKey
from hemicycle.record.witness.state import StateError, opened

DONE, REFUSED, UNUSABLE, CHANGED = 0, 1, 2, 4
"""The exit codes of the command; 3 means an unknown signer in `hemicycle verify`, and is unused
here.
"""

FOLDER = "hemicycle-witness"
EVERY_S = 10.0


def main(argv: list[str] | None = None) -> int:
    """Run `hemicycle witness` until it is stopped or a history was changed."""
    given = sys.argv[1:] if argv is None else list(argv)
    with speech.speaking(speech.of_arguments(given)):
        return _run(_parser().parse_args(given), speech.of_arguments(given))


def _run(options: argparse.Namespace, language: str) -> int:
    try:
        logs = [_key(spelled) for spelled in options.key]
        remote = _followed(options.follow, logs)
        with opened(options.state, options.name) as folder:
            witness = Witness(folder, logs)
            _say(_("This witness: %(key)s") % {"key": witness.key})
            kept = _("Its state is in %(path)s. Keep it: it cannot be recreated.")
            _say(kept % {"path": folder.path})
            if options.listen:
                return _listen(witness, language, *options.listen)
            return _follow(witness, remote, options)
    except (StateError, InvalidNote, LogUnreachable, OSError) as error:
        print(_("The witness cannot run: %(why)s") % {"why": error}, file=sys.stderr)
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hemicycle witness",
        description=_(
            "Follow hearings’ records from outside, cosign checkpoints that continue what was "
            "seen before, and report a changed history."
        ),
        epilog=_(
            "Returns 0: stopped, or with --once everything was cosigned; 1: with --once, "
            "something was not cosigned; 2: cannot run; 4: A HISTORY WAS CHANGED."
        ),
        add_help=False,
        formatter_class=speech.HelpFormatter,
    )
    group = speech.options_of(parser)
    way = group.add_mutually_exclusive_group(required=True)
    way.add_argument(
        "--follow",
        action="append",
        default=[],
        metavar="URL",
        help=_("the address of a hearing’s log; can be repeated"),
    )
    way.add_argument(
        "--listen",
        type=_place,
        metavar="HOST:PORT",
        help=_(
            "receive checkpoints from the hearings themselves (C2SP tlog-witness, add-checkpoint)"
        ),
    )
    add = group.add_argument
    add(
        "--key",
        action="append",
        required=True,
        help=_(
            "the key of a log, as its page shows it: one for each --follow, in the same order, "
            "then any further keys of these logs"
        ),
    )
    add("--name", default="", help=_("the name of a new witness, such as a domain"))
    add("--state", type=Path, default=Path(FOLDER), help=_("its folder (%(default)s)"))
    add("--every", type=float, default=EVERY_S, help=_("seconds between checks (%(default)s)"))
    add("--once", action="store_true", help=_("check once and exit"))
    return parser


def _place(text: str) -> tuple[str, int]:
    host, _separator, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise argparse.ArgumentTypeError(_("write it as HOST:PORT, such as 127.0.0.1:7380"))
    return host.strip("[]"), int(port)


def _key(spelled: str) -> VerifierKey:
    key = VerifierKey.parse(spelled)
    if key.type != LOG:
        raise StateError(_("The key of %(name)s is not the key of a log.") % {"name": key.name})
    return key


def _followed(urls: list[str], logs: list[VerifierKey]) -> list[tuple[RemoteLog, str]]:
    """Return each log with the origin that its checkpoint must have."""
    if len(urls) > len(logs):
        raise StateError(_("Give a --key for each --follow."))
    return [(RemoteLog(url), key.name) for url, key in zip(urls, logs, strict=False)]


def _listen(witness: Witness, language: str, host: str, port: int) -> int:
    listener = listening.WitnessListener(witness, _say, language)
    with listening.serve(listener, host, port) as server:
        address = f"http://{host}:{server.server_address[1]}/add-checkpoint"
        _say(_("Listening at %(address)s") % {"address": address})
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            _say(_("Stopped."))
    is_changed = any(seen.evidence for seen in witness.folder.state.logs.values())
    return CHANGED if is_changed else DONE


def _follow(
    witness: Witness, remote: list[tuple[RemoteLog, str]], options: argparse.Namespace
) -> int:
    said: dict[str, str] = {}
    try:
        while True:
            status = max(_look(witness, log, origin, said) for log, origin in remote)
            if status == CHANGED or options.once:
                return status
            time.sleep(options.every)
    except KeyboardInterrupt:
        _say(_("Stopped."))
        return DONE


def _look(witness: Witness, log: RemoteLog, origin: str, said: dict[str, str]) -> int:
    """Check one log; print news, and an error whenever it differs from the last one."""
    status, problem = DONE, ""
    try:
        outcome = following.look(witness, log, origin, _tell_renewed)
    except ForkFound as changed:
        _cry(str(changed))
        return CHANGED
    except NotCosigned as refused:
        if refused.reason == "stopped":
            _cry(str(refused))
            return CHANGED
        status = REFUSED
        problem = _(listening.NOT_COSIGNED) % {"reason": refused.reason, "why": refused}
    except LogUnreachable as error:
        status, problem = REFUSED, _("Not cosigned: %(why)s") % {"why": error}
    else:
        if outcome.is_new:
            _say(_(listening.COSIGNED) % {"origin": origin, "size": outcome.size})
        problem = outcome.delivered
    if problem and problem != said.get(origin):
        print(problem, file=sys.stderr, flush=True)
    said[origin] = problem
    return status


def _tell_renewed(renewed: RenewedKey) -> None:
    said = _(
        "THE KEY OF %(origin)s WAS RENEWED: at entry %(seq)s of its record, the previous key "
        "signed the new one, %(key)s. This witness now accepts the new key. Compare it with the "
        "key on the hearing’s page."
    )
    _say(said % {"origin": renewed.key.name, "seq": renewed.seq, "key": renewed.key})


def _say(line: str) -> None:
    print(line, flush=True)


def _cry(sentence: str) -> None:
    """Print an alarm that nobody can overlook."""
    print("\n".join(("", "!" * 78, sentence, "!" * 78, "")), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
