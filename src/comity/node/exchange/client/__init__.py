"""client: what this node asks of its partners' nodes. What it makes of their answers is in `incoming`.

calling     a caller with our key, and the partners' keys
partner     one partner's node: its card, its collections, its pages, its inbox, its witness
agreed      who is bound by which text, and whose word makes a proof good
walking     through a partner's collections page by page, from where the last visit was kept
refusals    why a partner's answer is not used
waiting     due work that waits already, so that a partner that is away is not asked too often
"""
