"""What takes long over files, done by the worker: one queue for all kinds of it.

A page asks for a job (`queue.ask`) and answers at once; `workers` does the jobs in the worker's
process, one of each kind at a time and in the order of asking, so that neither the threads that
serve a meeting nor its processor are taken by whoever sends files.
"""
