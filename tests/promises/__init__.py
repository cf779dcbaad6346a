"""One module for each promise of the design (section 1) that the library can already keep or break."""
