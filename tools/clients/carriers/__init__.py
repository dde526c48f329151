"""What clients of others are started with; `webrtcbin.py` runs under Debian's Python."""
