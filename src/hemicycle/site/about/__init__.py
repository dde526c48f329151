"""What a public body must say about its site, and what browsers and researchers ask a site for."""
