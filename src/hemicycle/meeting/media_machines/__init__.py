"""The media machines of a site: their addresses, and which machine runs a hearing, by a lease."""
