"""Pages about the site that the law requires, and files that browsers and researchers request."""
