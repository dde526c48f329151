"""The media engine: WebRTC in and out, mixing, microphones, webcast segments, recording.

It produces a broadcast and does not bridge participants: it receives the few who publish, makes one
program picture and one sound per language, encodes each once, and sends the same packets to every
seat and to the webcast. It follows the record's feed like any client, folds it with `procedure`,
and reports what was heard as facts. It uses no Django, and of this project only `procedure`; the
folders `rtc`, `audio`, `video` and `hls` do not even import that. `docs/media.md` describes the
protocol.
"""
