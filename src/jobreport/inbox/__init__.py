"""Jobs from whatever can knock: reads pings in the words that tools already speak, and makes jobs of them."""
