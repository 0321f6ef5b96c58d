"""What every cohort paid and the fund collects: computed by the kernel from what is recorded."""
