"""How many sessions are asked for a second, by one process or by many that share a limit."""
