"""The webcast: the program as HLS, live and on demand (RFC 8216bis).

`cutting` makes parts and segments of packets, `writer` makes files of them in a thread, `live`
tells players of them at once, `http` answers; `packager` ties them together for one meeting, and
`leftovers` ends what an engine that was killed left open.
"""

from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.hls.packager import Packager, finish

__all__ = ["ChapterMark", "Packager", "finish"]
