"""What every test may count on."""

import signal

# A shell starts background jobs with Ctrl-C ignored, and Python passes that on to what a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
