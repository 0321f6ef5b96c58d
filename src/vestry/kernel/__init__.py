"""The formulas of the field, as pure functions on immutable values and NumPy arrays."""
