"""Try the engine with clients and players of others; `make clients` writes `docs/clients.md`.

The engine is real, with a hearing on air. Each client speaks, interprets and listens, each player
follows the webcast live and afterwards, and tones say who is heard. Everything happens in a
network namespace without a way out.
"""
