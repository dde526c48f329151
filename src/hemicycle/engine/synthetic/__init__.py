"""Synthetic participants with picture and sound, for rehearsals, demonstrations, benches and tests.

`voices` speak, `figures` are drawn, `client` takes both to the engine over WHIP and hears the
program over WHEP, on stock aiortc: the engine sees nothing but a peer like any other.
"""
