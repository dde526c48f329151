"""Changes voices beyond recognition before anything hears them (docs/decisions/0025-on-the-air.md).

A voice is reduced every 10 ms to the energies of twenty coarse bands and one figure: how voiced it
is. Everything else (pitch, phase, the pulses of the larynx, the fine spectrum) is dropped, so that
no later filter can restore it. What identifies the speaker is removed from the bands: their
long-term spectrum is replaced by a reference, and the mean frequency of their resonances is moved
to a common one. Then another voice speaks the same words: a pulse train whose pitch wanders
randomly, or noise, shaped by the bands, which also wander randomly. The random seed is not kept.
Words and their rhythm remain.
"""
