"""Voices changed beyond recognition before anything hears them (docs/decisions/0025-on-the-air.md).

A voice is taken apart every 10 ms into the energies of twenty coarse bands and one figure: how
voiced it is. Everything else of it (pitch, phase, the pulses of the larynx, the fine spectrum) is
dropped, so that no later filter can bring it back. Then another voice says the same: a pulse train
whose pitch wanders by itself, or noise, shaped by the bands. Before that, the bands lose what is
the speaker's: their long-term spectrum is replaced by a reference, the mean place of their
resonances is moved to a common one, and then both wander by chance. The chance has no seed that
is kept. Words and their rhythm remain.
"""
