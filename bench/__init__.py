"""Benchmarks. `make bench` runs all, `make bench ONLY=name` runs one; see `bench/README.md`."""
