"""Channels: by what people and programs hear of it, one file a kind. `jobreport.toml` names them."""
