"""Start the parts of a site of several machines on one machine: for tests, benches and a trial.

Each module starts one part with Debian's program for it. A part runs at its own address and, with
`namespaces`, in its own network namespace.
"""
