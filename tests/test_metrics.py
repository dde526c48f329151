"""Who may read the figures, and what a label may hold."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hemicycle import metrics
from hemicycle.metrics import Readers

TOKEN = "t" * 40


@pytest.mark.parametrize(
    ("peer", "headers", "admitted"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("192.0.2.7", {}, False),
        ("", {}, False),
        ("testclient", {}, False),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}, False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"x-real-ip": "127.0.0.1"}, False),
        ("127.0.0.1", {"via": "1.1 proxy"}, False),
        ("192.0.2.7", {"authorization": f"Bearer {TOKEN}"}, True),
        ("192.0.2.7", {"authorization": f"bearer  {TOKEN}", "via": "1.1 proxy"}, True),
        ("192.0.2.7", {"authorization": "Bearer wrong"}, False),
        ("192.0.2.7", {"authorization": f"Basic {TOKEN}"}, False),
        ("127.0.0.1", {"authorization": "Bearer wrong"}, False),
        ("127.0.0.1", {"authorization": "Bearer \u00e9"}, False),
    ],
)
def test_own_programs_and_those_with_the_token_may_read(
    peer: str, headers: dict[str, str], admitted: bool
) -> None:
    assert Readers(metrics.OWN_NETWORKS, TOKEN).admit(peer, headers) is admitted


def test_without_a_token_none_opens_it() -> None:
    readers = Readers(["10.0.0.0/8"])
    assert not readers.admit("192.0.2.7", {"authorization": "Bearer "})
    assert not readers.admit("192.0.2.7", {"authorization": "Bearer"})
    assert readers.admit("10.1.2.3", {})
    assert not Readers([]).admit("127.0.0.1", {})


@pytest.mark.parametrize("raw", ["short", "é" * 40, "a b\n" * 20])
def test_a_weak_token_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match="32 random letters"):
        metrics.parse_token(raw)
    assert metrics.parse_token("") == ""
    assert metrics.parse_token(TOKEN) == TOKEN


def test_a_folder_that_is_not_there_is_left_out(tmp_path: object) -> None:
    free, size = metrics.disks({"here": str(tmp_path), "nowhere": f"{tmp_path}/nowhere"})
    assert [sample.labels for sample in free.samples] == [{"folder": "here"}]
    assert 0 < free.samples[0].value < size.samples[0].value


def test_the_text_is_one_that_prometheus_reads() -> None:
    class Collects:
        def collect(self) -> list[object]:
            return [metrics.gauges("hemicycle_x", "X.", "queue", {"a": 1, "b": 2.5})]

    text = metrics.exposition(Collects()).decode()  # type: ignore[arg-type]
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["hemicycle_x", "a"] == 1
    assert found["hemicycle_x", "b"] == 2.5
    assert found["process_resident_memory_bytes",] > 2**20
