"""The program picture: one for everybody, composed and encoded once.

`layouts` says what is shown, `geometry` where, `artwork` draws names, cards and the clock,
`program` puts them together with the cameras, `encoder` makes H.264 of it, and `desk` does all
that 25 times a second in a thread of its own. `recorded` plays a recording as a source.
"""
