"""WebRTC: publishers in (WHIP), listeners out (WHEP), and what of aiortc we lean on.

`exchange` makes peers on their ports. A `publisher` gives a `Sound` and a `Picture` for the desks
to read; a `listener` takes the packets of `Output`s by way of a `fan`, which packs each packet once
for all. aiortc does the offer and answer, ICE and DTLS; from there packets go by our own short way.
Names of aiortc, aioice and pylibsrtp that are not theirs to promise are used in this package alone,
and `checks` looks for every one of them before the first peer is made.
"""
