"""The office's page of the recordings, and what the media engine asks."""
