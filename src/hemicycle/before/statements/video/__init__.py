"""Recorded videos: an intervention that is submitted beforehand and played at its turn.

A video counts as hostile, so the parent never parses it: `probe` passes it to a worker that can
neither write nor reach the network, and receives the kind of video, or one refusal.
"""
