"""Pings: reads them in the forms that tools already use, and makes jobs of them."""
