"""desk: the pages of analysts and officers. So far the queue and the approval page."""
