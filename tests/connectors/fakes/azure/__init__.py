"""Azure's Resource Manager on this machine: signs in, lists by pages, refuses, is busy, as Azure does."""
