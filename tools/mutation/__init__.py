"""Mutation testing: small faults in the rules, and how many of them the tests notice."""
