"""Synthetic participants with picture and sound, for rehearsals, demonstrations, benches and tests.

`voices` speak, `figures` are drawn, `client` sends both to the engine over WHIP and hears the
program over WHEP, on unmodified aiortc: the engine sees a peer like any other.
"""
