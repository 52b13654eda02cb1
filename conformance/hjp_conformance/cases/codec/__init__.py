"""Cases for codecs."""
