"""Slow work that the worker does: one queue for all kinds of jobs.

A page queues a job (`queue.ask`) and answers at once; `workers` does the jobs in the worker's
process, one of each kind at a time and in order. So people who send files cannot use up the threads
or the processor that a meeting needs.
"""
