"""What somebody should look at: raised when its cause appears, closed when it is gone, decided on by people."""
