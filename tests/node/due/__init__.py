"""Due work: asked for, done once in effect, never lost."""
