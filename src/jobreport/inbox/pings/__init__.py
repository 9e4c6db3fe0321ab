"""Pings: reads them in the words that tools already speak, and makes jobs of them."""
