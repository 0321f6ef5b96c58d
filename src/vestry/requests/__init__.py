"""Asking companies for their figures: templates, requests for a period, the form behind a link, and the inbox."""
