"""Synthetic participants with picture and sound, for rehearsals, demonstrations, benches and tests.

`voices` speak, `figures` are drawn, and `client` sends both to the engine over WHIP and receives
the program over WHEP. It uses unmodified aiortc, so the engine sees a peer like any other.
"""
