"""Runs a public hearing from the letter that convenes it to the summary that closes it."""

import os

# NumPy's wheels come with OpenBLAS, which reads this when it is loaded. It would run each product
# of matrices in as many threads as there are processors. The media engine makes thousands of small
# ones a second, and the threads would wait for each other for longer than they work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
