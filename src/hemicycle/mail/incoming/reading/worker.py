"""The process that parses a message: `python -m hemicycle.mail.incoming.reading.worker JOB ...`."""

import sys
from typing import BinaryIO

from hemicycle.documents.reading.limits import Limits
from hemicycle.documents.reading.worker import Answer, Job, serve
from hemicycle.mail.incoming.reading import exchange, parse


def _whole(file: BinaryIO, _limits: Limits) -> Answer:
    return exchange.answer(parse.parse(*exchange.received(file)))


def _unopened(file: BinaryIO, _limits: Limits) -> Answer:
    return exchange.answer(parse.parse(*exchange.received(file), opens=False))


def _head(file: BinaryIO, _limits: Limits) -> Answer:
    return exchange.answer(parse.head_alone(*exchange.received(file)))


JOBS: dict[str, Job] = {
    exchange.WHOLE: _whole,
    exchange.UNOPENED: _unopened,
    exchange.HEAD: _head,
}

if __name__ == "__main__":
    sys.exit(serve(JOBS, sys.argv[1:]))
