"""Figures. `make bench` runs all, `make bench ONLY=name` one; see `bench/README.md`."""
