"""The storage of the site's files: a folder of this machine, or a store with the S3 protocol."""
