"""The public library of statements: what may be read, found by its words in any script.

A row of `Listing` is the library's whole knowledge of a statement, search index included. `shelf`
writes and deletes rows inside the turns of the acts that cause it, so what is taken back is gone
from every page, list, search and map at the moment at which it is taken back.
"""
