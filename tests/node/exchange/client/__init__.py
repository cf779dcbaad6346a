"""What this node asks of its partners' nodes: honest ones, and ones that lie."""
