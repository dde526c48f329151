"""The program for links that do not carry all of it: smaller pictures, and sound with fewer bits.

Each is encoded once for all who take it, from the packets of an output, in the process that sends
them, and only while somebody takes it. So a delay, a stop or a card of the public feed is also in
it.
"""
