"""Delivery: claim messages, write them as mail, hand them to a server, and keep the outcome.

Never twice, and never lost. A claim is a compare-and-swap on the row, so two senders cannot have
one message, and the claim of a sender that died lapses. The one moment in which nobody can know is
between the end of a message's data and the server's answer written down: it is marked `sending` in
the database before its last line leaves, and one that stays so is not sent again by itself. It is
shown to the secretariat as unclear, with the Message-ID by which the mail server's log tells, and a
person (or a bounce) settles it. Before that line a server has promised nothing, so everything else
is tried again.
"""
