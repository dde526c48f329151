"""Video: the program picture, one for everybody, composed and encoded once.

`layouts` says what is shown, `geometry` where; `artwork` draws names, cards and the clock,
`composer` puts them together with the cameras, and `encoder` makes H.264 of it. `video_engine` does
all that 25 times a second in a thread of its own. `recording_player` plays a recording as a source.
"""
