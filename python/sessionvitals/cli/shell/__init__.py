"""What shells and man read of the command: its manual page, and what it completes."""
