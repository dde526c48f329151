"""Delivery: claim messages, write them as mail, hand them to a server, and store the outcome.

No message is sent twice or lost. A claim is a compare-and-swap on the row, so two senders cannot
have one message, and the claim of a sender that died expires. There is one interval in which nobody
can know whether a message was sent: between the end of its data and the moment when the server's
answer is stored. So a message is marked `sending` in the database before its last line is sent. If
it stays so, it is not sent again automatically: the secretariat sees it as unclear, with the
Message-ID to look up in the mail server's log, and a person (or a bounce) settles it. Before the
last line the server has promised nothing, so after any earlier failure the message is tried again.
"""
