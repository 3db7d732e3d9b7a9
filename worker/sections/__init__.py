"""The tables of the settings file, one module for each; `worker/settings.py` puts them together."""
