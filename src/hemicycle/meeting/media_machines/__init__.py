"""The media machines of a site: which of them runs a hearing, by a lease, and its address."""
