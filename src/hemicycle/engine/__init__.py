"""The media process: WebRTC in and out, mixing, microphones, webcast segments, recording.

A broadcast desk, not an any-to-any bridge: it takes in the few who publish, makes one program
picture and one sound a language, encodes each once, and hands the same packets to every seat and
to the webcast. It follows the record's feed like any client, folds it with the same code as
everybody, and reports what is heard back as facts. No Django here, and no package of ours but
`procedure`. `docs/media.md` has the protocol, `wire` its words.
"""
