"""Every trade of a fund side by side: exposure, collections, caps, breaches, curves, and what it hangs on."""
