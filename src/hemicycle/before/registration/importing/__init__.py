"""Registrations from a table that the secretariat has received.

`reading` stores a file and its rows, `columns` finds what each column means, `values` reads cells
in six languages, `entering` makes registrations from them in the worker, a step at a time, and
`release` sends their letters. Each row is checked by the form that registers one person; a row that
is refused keeps its cells and gets a sentence that says why.
"""
