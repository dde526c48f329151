"""The public library of statements: search in any script.

A row of `Listing` is all that the library stores about a statement, including its search index.
`publication` writes and deletes rows in the transaction of the action that causes it: a withdrawn
statement disappears from every page, list, search and sitemap at that moment.
"""
