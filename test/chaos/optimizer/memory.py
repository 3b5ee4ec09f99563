"""Takes memory until somebody ends it."""
import time

hoard = []
while True:
    hoard.append(b"\1" * (16 << 20))
    time.sleep(0.01)
