"""The audience of the feed for everybody: the public view of a meeting."""

from hemicycle.meeting.state.meeting_view import as_json, public_view
from hemicycle.record import feed

feed.declare(feed.Audience("public", as_json(public_view), open_to_all=True))
