"""Programs that run third-party clients; `webrtcbin.py` runs under Debian's Python."""
