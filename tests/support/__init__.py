"""What tests share: contracts, peers, sandboxes, and ways to run a program. No test is here."""
