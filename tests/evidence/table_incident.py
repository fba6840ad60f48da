"""The rows about incidents of the table that says who may do what where; tests/evidence/test_matrix.py reads it."""

from __future__ import annotations

#: An incident is for everybody here who may use the bot: what they do is theirs, and GitLab is asked as them. Who
#: only looks, joins or follows needs no account. What is not private is played; tests/evidence/test_private.py has
#: what is.
#                                    admin maint devel repor nobody guest stran gone  app
TABLE = """
incident                             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident declare                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident list                        +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident metrics                     +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident show                        +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident export                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident status                      +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident status monitoring           +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident severity                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident policy                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident title                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident summary                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident impact                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident cause                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident fix                         +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident private on                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident private off                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident resolve                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident reopen                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident close                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident cancel                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident decline                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident duplicate                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident dup                         +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident doctor                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident changes                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident review                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident role                        +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident role comms                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident role commander              +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident role (another's)            +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident join                        +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident leave                       +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident task                        +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident task done                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident tasks                       +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident followup                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident timeline                    +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident timeline add                +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident update                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
incident follow                      +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
incident unfollow                    +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[incident.declare]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.declare_from]              +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.edit]                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.join]                      +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[incident.update]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.state]                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.take]                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.hand_over]                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.more]                      +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[incident.resolve]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.reopen]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.keep_closed]               +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.reason]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.severity]                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.private]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.duplicate]                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.archive]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.accept] (own)              +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.accept] (another's)        ocor  ocor  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[incident.decline] (own)             +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.decline] (another's)       ocor  ocor  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[incident.suspect]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.rule_out]                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.back]                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.review]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.review_refresh]            +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.review_publish]            +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.task]                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.task_done]                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.task_take]                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.task_drop]                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.timeline]                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.timeline_edit] (own)       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.timeline_edit] (another's) ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[incident.timeline_undo] (own)       +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[incident.timeline_undo] (another's) ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[incident.snooze]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.snooze_more]               +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.nothing_new]               +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[incident.request_update]            +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[incident.follow]                    +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[incident.unfollow]                  +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
{incident.declare}                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.declare_from}              +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.edit}                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.resolve}                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.reason}                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.severity}                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.private}                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.duplicate}                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.hand_over}                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.override}                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.task_add}                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.timeline}                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{incident.update}                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
"""
