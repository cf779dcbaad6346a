"""The wire between nodes: message signatures, and calls over real loopback sockets."""
