"""The clients and players that are tried, one module for each maker or kind."""
