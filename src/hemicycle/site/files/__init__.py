"""Where the site's files lie: a folder of this machine, or a store with the S3 protocol."""
