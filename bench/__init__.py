"""Speed as ratios: each module runs the peer, ours and the limit in one run (``python -m bench.NAME --json``)."""
