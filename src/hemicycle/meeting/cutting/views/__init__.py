"""The secretariat's page of the recordings, and the media engine's requests."""
