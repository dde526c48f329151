"""One module for each group of fields; each takes the note and gives what it found, with its
passages.
"""
