"""How many random cases a property test tries, where a case is dear."""

import hypothesis


def examples(daily: int, **more: object) -> hypothesis.settings:
    """Return settings for a test that tries `daily` cases, and three times as many in all tests.

    It is for cases that cost a whole hearing, a file or a process. Other tests need no settings:
    they try 100, and 1,000 in `make test-all`.
    """
    tries_many = hypothesis.settings().max_examples > 100
    return hypothesis.settings(max_examples=daily * (3 if tries_many else 1), **more)  # type: ignore[arg-type]
