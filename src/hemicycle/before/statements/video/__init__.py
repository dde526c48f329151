"""Recorded videos: an intervention that is submitted beforehand and played at its turn.

A video counts as hostile, so the parent never opens it: `probe` hands it to a worker that may
neither write nor reach the network, and gets back the kind of video, or one refusal.
"""
