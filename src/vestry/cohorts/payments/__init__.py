"""Payments of customers: recorded singly or by file, corrected, taken back, and summed by cohort."""
