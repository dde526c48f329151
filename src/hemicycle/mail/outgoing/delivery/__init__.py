"""Delivery: claim messages, write them as mail, hand them to a server, and store the outcome.

No message is sent twice or lost. A claim is a compare-and-swap on the row, so two senders cannot
have one message, and the claim of a sender that died expires. In one interval nobody can know
whether a message was sent: between the end of its data and the stored answer of the server. It is
marked `sending` in the database before its last line is sent, and one that stays so is not sent
again automatically. The secretariat sees it as unclear, with the Message-ID to look up in the mail
server's log, and a person (or a bounce) settles it. Before that line a server has promised nothing,
so everything else is tried again.
"""
