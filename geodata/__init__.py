"""Reference areas and settlements, and the maintainer's steps that make them."""
