"""Registrations out of a table that the secretariat was given.

`reading` stores a file and its rows, `columns` finds what each column means, `values` reads cells
in six languages, `entering` makes registrations of them in the worker, a step at a time, and
`release` lets them be written to. Each row is judged by the form that registers one person; one
that is refused keeps its cells and gets a sentence.
"""
