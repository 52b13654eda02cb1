"""Every client against every server: what two implementations do together."""
