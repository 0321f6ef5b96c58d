"""The market: exchange rates, published and the firm's own."""
