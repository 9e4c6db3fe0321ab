"""Channels: the ways in which people and programs are told, one module for each kind. `jobreport.toml` names them."""
