"""Edges: standard WHIP/WHEP servers that carry a hearing to people who only listen.

The engine publishes its outputs to them as a WHIP client (RFC 9725); pages listen there by WHEP
with a token that `web` signs. `addresses` and `tokens` are also used by `web`.
"""
