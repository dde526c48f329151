"""Backups: a whole site in one file, made while the site runs, and restored.

A backup is a tar archive: the database first (`database/`), then the data folder (`data/`) and the
recordings (`recordings/`), and at the end `manifest.json` with the size and SHA-256 of each file.
The database is copied as of one moment and the files after it, so each file that a row names is
there; a file that was added later is one that no row names.

The archive is in an envelope (`envelope`) of the age format, which the program `age` opens too.
"""
