"""How many random cases a property test tries: a tenth of them daily, all in `make test-all`."""

import hypothesis


def examples(daily: int, **more: object) -> hypothesis.settings:
    """Return settings for a test that tries `daily` cases a day and ten times as many otherwise.

    It is for tests whose cases are dear: whole hearings, files, processes. Others need no settings:
    they try 100 and 1,000.
    """
    share = hypothesis.settings().max_examples / 100
    return hypothesis.settings(max_examples=round(daily * share), **more)  # type: ignore[arg-type]
