"""The border: what is proposed, decided, shown, released, withdrawn, and what comes in."""
