"""The HJP specification and its executable form."""
