"""The procedure of a meeting: pure, standard library only, and never reading a clock."""
