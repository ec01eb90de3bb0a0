"""
Cut the power of a mounted ext4 under a process: waits for the process's id on a line, freezes it, and shuts the file
system down without writing its journal.

Frozen first, because an fsync that is under way at the shutdown may return success: at a real power cut nobody is left
to hear it.
"""
import fcntl
import os
import signal
import struct
import sys
import time

EXT4_IOC_SHUTDOWN = 0x8004587D
NOLOGFLUSH = 2


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]


folder = os.open(sys.argv[1], os.O_RDONLY)
print("ready", flush=True)
pid = int(sys.stdin.readline())
os.kill(pid, signal.SIGSTOP)
# Stopped, or in the kernel on the disk's business and stopped when it comes back.
while state_of(pid) not in "TD":
    time.sleep(0)
fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
os.kill(pid, signal.SIGKILL)
print("cut", flush=True)
