"""incoming: what partners send, by pull or by post, until `border` has it.

bills       what is verified of a bill before anything that came with it is kept
parcels     releases on their way in, sealed, until all of each has come
messages    receipts, retractions and deletion receipts, acted upon once
strays      what belongs to no release
pausing     a partner of whom nothing more is read until a person has looked
"""
