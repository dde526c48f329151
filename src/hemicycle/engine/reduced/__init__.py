"""The program for links that cannot carry all of it: smaller pictures, and sound with fewer bits.

Each reduced output is encoded once for all who take it, in the process that sends it, and only
while somebody takes it. It is made from the packets of an output, and so has the delays, stops and
cards of the public feed.
"""
