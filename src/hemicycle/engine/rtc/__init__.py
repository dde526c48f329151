"""WebRTC: publishers in (WHIP), listeners out (WHEP), and all use of aiortc's private names.

`peer_factory` makes peers on their ports. A `PublisherPeer` gives an `AudioSource` and a
`VideoSource`; a `ListenerPeer` takes the packets of `Output`s from a `FanOut`, which packs each
packet once for all. aiortc does offer and answer, ICE and DTLS; from there packets take a shorter
path of our own. Private names of aiortc, aioice and pylibsrtp are used in this package alone (and
in the benches' clients); `checks` lists all of them and looks for each before the first peer.
"""
