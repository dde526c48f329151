"""Try the engine with third-party clients and players; `make clients` writes `docs/clients.md`.

The engine is real, with a hearing on air. Each client speaks, interprets and listens, and each
player plays the webcast live and on demand. Each source plays a tone of its own, which shows who is
heard. Everything runs in a network namespace that has no connection to the outside.
"""
