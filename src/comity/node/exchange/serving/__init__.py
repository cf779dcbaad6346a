"""serving: the TAXII 2.1 server. Who asks is proved first; what they get comes through the door."""
