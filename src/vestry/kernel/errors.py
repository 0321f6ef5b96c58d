"""What the kernel refuses. A figure that merely does not exist is ``None`` with a reason, not an error."""


class KernelError(ValueError):
    """The inputs contradict each other or the function's contract; the message says which and how to mend it."""
