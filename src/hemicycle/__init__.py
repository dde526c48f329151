"""Runs a public hearing, from the letter that convenes it to the summary that concludes it."""

import os

# NumPy's wheels come with OpenBLAS, which reads this when it is loaded. By default it runs each
# matrix product in as many threads as there are processors. The media engine makes thousands of
# small ones per second, and the threads would spend more time waiting for each other than working.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
