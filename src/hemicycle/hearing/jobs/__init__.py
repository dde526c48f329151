"""Slow work, done by the worker: one queue for all kinds.

A page queues a job (`queue.ask`) and answers at once; `workers` does the jobs in the worker's
process, one of each kind at a time and in order. So the senders of files cannot take the threads
that serve a meeting, nor the processor.
"""
