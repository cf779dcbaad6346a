"""people: who works here, what each may do and until when, and how they sign in."""
