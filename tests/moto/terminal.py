"""Runs a program whose standard error is a terminal, and prints what that got.

    terminal.py PROGRAM [ARGUMENT...]
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

terminal, end = pty.openpty()
fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=end)
os.close(end)
try:
    while got := os.read(terminal, 65536):
        sys.stdout.buffer.write(got)
except OSError:
    pass  # Linux says so where the other end is closed.
sys.stdout.flush()
sys.exit(program.wait())
