"""The clients and players to try, with one module for each maker or kind."""
