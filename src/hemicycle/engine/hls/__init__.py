"""HLS: the webcast of the program, live and on demand (RFC 8216bis).

`segmenter` cuts packets into segments and partial segments, `writer` makes files of them in a
thread, `live` gives players the newest lists, `http` answers requests. `packager` connects them for
one meeting, `leftovers` ends webcasts that a killed engine left open, and `cutting` removes
stretches.
"""

from hemicycle.engine.hls.cutting import CutOrder
from hemicycle.engine.hls.metadata import ChapterMark
from hemicycle.engine.hls.packager import OnTheAir, Packager, cut, finish, remove

__all__ = ["ChapterMark", "CutOrder", "OnTheAir", "Packager", "cut", "finish", "remove"]
