"""Figures of this process for Prometheus, and who may read them (`docs/watching.md`).

A label has a few fixed values and never the id, name or address of a person or hearing. Figures
that a process records as it works are in `_OBSERVED`. Figures that are determined on request, such
as the length of a queue, come from collectors that are given to `exposition`.

Web processes that share a port also share a folder of files, which `FOLDER` names: the process that
answers a request reports what all of them have recorded.
"""

import contextlib
import hmac
import ipaddress
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

ADDRESS: Final = "/metrics"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OWN_NETWORKS: Final = ("127.0.0.1", "::1")
SHORTEST_TOKEN: Final = 32
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that the metrics library reads when it is imported."""

_FORWARDED: Final = frozenset({"x-forwarded-for", "forwarded", "x-real-ip", "via"})
_OBSERVED = CollectorRegistry()

REQUESTS = Histogram(
    "hemicycle_request_seconds",
    "Time until an answer begins, by the part of the site and the class of the status.",
    ("part", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OBSERVED,
)
PRESSES = Histogram(
    "hemicycle_press_seconds",
    "Time that a press on the moderator's console takes until it is stored or refused.",
    ("press",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5),
    registry=_OBSERVED,
)
OUTCOMES = Counter(
    "hemicycle_presses",
    "Presses on the moderator's console: done, refused by the procedure, or failed by an error.",
    ("outcome",),
    registry=_OBSERVED,
)
FEED_DELAY = Histogram(
    "hemicycle_feed_delay_seconds",
    "Time from an entry of the record until it is sent to those who follow the entries.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_OBSERVED,
)
LOOP_LAG = Histogram(
    "hemicycle_loop_lag_seconds",
    "How late the event loop of the process runs.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=_OBSERVED,
)

if FOLDER not in os.environ:  # of several processes, a random one would answer
    ProcessCollector(registry=_OBSERVED)


class Collects(Protocol):
    """A collector: determines figures on request."""

    def collect(self) -> Iterable[Metric]:
        """Return the present figures."""


def exposition(*collectors: Collects) -> bytes:
    """Return all figures in Prometheus's text format."""
    registry = CollectorRegistry()
    if FOLDER in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_OBSERVED)
    for collector in collectors:
        registry.register(collector)
    return generate_latest(registry)


def gauge(name: str, meaning: str, value: float) -> Metric:
    """Return a figure without labels."""
    return GaugeMetricFamily(name, meaning, value=value)


def gauges(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    """Return a figure with one value for each value of a label."""
    family = GaugeMetricFamily(name, meaning, labels=(label,))
    for labelled, value in values.items():
        family.add_metric((labelled,), value)
    return family


def readiness(*, ready: bool) -> Metric:
    """Return the answer of `/readyz` as a figure."""
    return gauge("hemicycle_ready", "1 if the process can do its work (/readyz), else 0.", ready)


def disks(folders: Mapping[str, str | Path]) -> Iterable[Metric]:
    """Return the disk space of folders; one that does not exist yet is left out."""
    found = {}
    for name, folder in folders.items():
        with contextlib.suppress(OSError):
            found[name] = shutil.disk_usage(folder)
    free = {name: float(usage.free) for name, usage in found.items()}
    total = {name: float(usage.total) for name, usage in found.items()}
    yield gauges(
        "hemicycle_disk_free_bytes", "Room left for the files of a folder.", "folder", free
    )
    yield gauges("hemicycle_disk_size_bytes", "Size of a folder's disk.", "folder", total)


def skews(ahead: Mapping[str, float]) -> Metric:
    """Return by how many seconds other clocks are ahead of this machine's."""
    return gauges(
        "hemicycle_clock_skew_seconds",
        "By how much another clock is ahead of this machine's.",
        "clock",
        ahead,
    )


class Readers:
    """Who may read the figures: programs in some networks, and those that send the token.

    A request that a proxy has passed on needs the token, wherever it comes from: the figures are
    not for visitors of the site.
    """

    def __init__(self, networks: Iterable[str], token: str = "") -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)
        self._token = token.encode()

    def admit(self, peer: str, headers: Mapping[str, str]) -> bool:
        """Return whether a request may read the figures; `headers` has names in lower case."""
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        if self._token and scheme.lower() == "bearer":
            return hmac.compare_digest(shown.strip().encode(), self._token)
        if not _FORWARDED.isdisjoint(headers):
            return False
        try:
            found = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self._networks)


def parse_token(raw: str) -> str:
    """Return a token; raise `ValueError` with the reason if it is not valid."""
    if raw and (len(raw) < SHORTEST_TOKEN or not raw.isascii() or not raw.isprintable()):
        raise ValueError(f"it must have {SHORTEST_TOKEN} random letters and digits or more")
    return raw
