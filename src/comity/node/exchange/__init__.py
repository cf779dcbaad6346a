"""exchange: the wire. The TAXII server and client, partners and their nodes, messages and their delivery."""
