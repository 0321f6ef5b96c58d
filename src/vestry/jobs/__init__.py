"""Jobs and mail as people see them: what runs, what failed and why, another try, an end."""
