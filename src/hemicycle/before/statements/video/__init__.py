"""Recorded videos: an intervention that is handed in beforehand and played when its turn comes.

A video is as hostile as any file until shown otherwise, so nothing of the parent ever opens it:
`probe` hands it to a worker that may neither write nor reach the network, and takes back what kind
of video it is, or one refusal.
"""
