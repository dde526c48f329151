"""The fuzzer's targets accept valid and slightly damaged inputs; longer runs are a command."""

from pathlib import Path
from random import Random

import pytest

from tests.tools.fuzz_seeds import SEEDS
from tools import fuzz


@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_a_target_takes_its_seeds_and_damaged_copies_of_them(name: str) -> None:
    target, chance = fuzz.TARGETS[name](), Random(name)
    for seed in SEEDS[name]():
        target(seed)
        for _ in range(5):
            damaged = bytearray(seed)
            for _flips in range(4):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            target(bytes(damaged))


def test_a_finding_can_be_read_again(tmp_path: Path) -> None:
    found = tmp_path / "crash-1"
    found.write_bytes(b"v=0\r\n")
    assert fuzz.main(["sdp", "--again", str(found)]) == 0
