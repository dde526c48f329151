"""Video: the program picture, one for everybody, composed and encoded once.

`layouts` says what is shown, `geometry` where; `artwork` draws names, cards and the clock,
`composer` combines them with the cameras, and `encoder` makes H.264 of the result. `video_engine`
does all that 25 times a second in its own thread. `recording_player` plays a recording as a source.
"""
