"""Runs a public hearing from the letter that convenes it to the summary that closes it."""
