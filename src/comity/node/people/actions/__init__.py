"""What can be done about people: the only place that changes their rows. One file a verb, or a pair of them."""

from __future__ import annotations

from comity.node.people.actions.accounts import BadPassword, BadUsername, add_person, deactivate, set_password
from comity.node.people.actions.assignments import (
    BadAssignment,
    OwnAccount,
    RolesClash,
    UnknownRole,
    assign,
    end_assignment,
)
from comity.node.people.actions.expiry import forget_expired
from comity.node.people.actions.permission import NotAllowed, may, require, verbs
from comity.node.people.actions.pseudonyms import UnknownPseudonym, pseudonym, resolve
from comity.node.people.actions.second_factor import (
    DevelopmentOnly,
    code_at,
    enrol_totp,
    has_second_factor,
    reopen,
)

__all__ = [
    "BadAssignment",
    "BadPassword",
    "BadUsername",
    "DevelopmentOnly",
    "NotAllowed",
    "OwnAccount",
    "RolesClash",
    "UnknownPseudonym",
    "UnknownRole",
    "add_person",
    "assign",
    "code_at",
    "deactivate",
    "end_assignment",
    "enrol_totp",
    "forget_expired",
    "has_second_factor",
    "may",
    "pseudonym",
    "reopen",
    "require",
    "resolve",
    "set_password",
    "verbs",
]
