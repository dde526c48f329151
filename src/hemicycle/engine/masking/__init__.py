"""Voices changed beyond recognition before anything hears them (docs/decisions/0025-on-the-air.md).

A voice is reduced every 10 ms to the energies of twenty coarse bands and one figure: how voiced it
is. Everything else (pitch, phase, the pulses of the larynx, the fine spectrum) is dropped, so that
no later filter can restore it. Then another voice says the same: a pulse train whose pitch wanders
randomly, or noise, shaped by the bands. Before that, the bands lose what belongs to the speaker:
their long-term spectrum is replaced by a reference, the mean place of their resonances is moved to
a common one, and then both wander randomly. The random seed is not kept. Words and their rhythm
remain.
"""
