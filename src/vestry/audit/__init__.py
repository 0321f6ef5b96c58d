"""Who changed what, when, from where: a keyed chain of rows that shows any edit, cut, reorder or rewrite."""
