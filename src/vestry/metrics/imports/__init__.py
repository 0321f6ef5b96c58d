"""Files of figures: mapped to metrics, looked at whole, recorded or refused whole, and taken back whole."""
