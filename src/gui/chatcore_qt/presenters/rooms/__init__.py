"""Which rooms there are, and who is in one."""
