"""A name server for tests, on a port of loopback, with the records that the test gives it."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

from tests.support.threaded import in_thread

FAILS, SILENT = "fails", "silent"
"""Values in place of a record: the server answers with a failure, or not at all."""


class _Server(socketserver.ThreadingUDPServer):
    daemon_threads = True

    def __init__(self, records: dict[str, str], address: tuple[str, int]) -> None:
        self.records = records
        self.asked: list[str] = []
        super().__init__(address, _Question)


class _Question(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server, (data, line) = cast(_Server, self.server), self.request
        query = dns.message.from_wire(data)
        asked = query.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), asked.rdtype.name
        server.asked.append(f"{name} {kind}")
        found = server.records.get(f"{name} {kind}", server.records.get(name, ""))
        if found == SILENT:
            return
        line.sendto(
            _answer(query, server.records, name, kind, found).to_wire(), self.client_address
        )


def _answer(
    query: dns.message.Message, records: dict[str, str], name: str, kind: str, found: str
) -> dns.message.Message:
    answer = dns.message.make_response(query)
    if found == FAILS:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif found and f"{name} {kind}" in records:
        answer.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", kind, found))
    elif not any(record.partition(" ")[0] == name for record in records):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer


@contextmanager
def serving(
    records: dict[str, str], address: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[_Server]:
    """Run a name server with `records`, such as `{"example.org TXT": '"v=spf1 -all"'}`."""
    with in_thread(_Server(records, address)) as server:
        yield server


@contextmanager
def asked(records: dict[str, str]) -> Iterator[list[str]]:
    """Let this process use only a name server with `records`; yield the queries it receives."""
    with serving(records) as server:
        own: Any = dns.resolver.Resolver(configure=False)
        own.nameservers, own.port = ["127.0.0.1"], server.server_address[1]
        own.timeout = own.lifetime = 1.0
        before, dns.resolver.default_resolver = dns.resolver.default_resolver, own
        try:
            yield server.asked
        finally:
            dns.resolver.default_resolver = before
