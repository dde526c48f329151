"""Starts the parts of a site on several machines, on one: for tests, benches and a trial.

Each module starts one part with Debian's program for it. A part runs at an address of its own, in a
network namespace where there is one (`namespaces`).
"""
