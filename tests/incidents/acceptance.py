"""What an incident was accepted by: twenty-five scenarios, each clause of them with the files and tests that prove it.

`432` is the scenario file of that number; `outwards.same_second` is `test_same_second` in `test_outwards.py` of this
folder, and `delivery/letters.…` one of another.
"""

from __future__ import annotations

from collections.abc import Mapping

Clauses = Mapping[str, str]
"""What has to be so, with what proves it."""

ACCEPTED: Mapping[int, tuple[str, Clauses]] = {
    1: ("Declare in one line", {
        "acknowledged before anything is done": "doors/intake.every_sample_is_acked_and_only_what_asks_makes_a_row",
        "one channel, issue, card, topic, announcement, back-link": "401 declaring.a_line_declares_at_once",
        "topic within its limit": "declaring.hostile_titles_stay_text",
        "both links and Edit, to who declared it": "401",
    }),
    2: ("Double submit", {
        "one issue, channel and announcement": "402 declaring.a_request_that_comes_twice_declares_one",
        "the second answer links the first": "declaring.a_form_that_is_sent_twice_declares_one",
    }),
    3: ("Name collision and hostile title", {
        "a name that is taken gets a suffix": "403 declaring.a_name_that_is_taken_gets_a_number",
        "80 characters, lower case": "founding.names_of_channels declaring.hostile_titles_stay_text",
        "nothing acts, nobody is called": "403 declaring.hostile_titles_stay_text",
    }),
    4: ("GitLab down at declare", {
        "room, card, people and nudges all the same": "404 405 founding.the_room_exists_while_gitlab_is_down"
        " founding.those_who_always_come nudges.a_gitlab_that_is_down_keeps_nobody_from_being_asked",
        "the issue is made once, all is written in order with its own times": "405 talk_lost.gitlab_is_away",
        "the card is mended without a new message": "405 founding.the_room_exists_while_gitlab_is_down",
    }),
    5: ("Timeout after success", {
        "one note, found by its mark": "430 talk_lost.an_answer_that_is_lost talk_lost.the_lost_answer_to_a_reply",
    }),
    6: ("Crash between claim and send, and between send and record", {
        "errands of every kind, at every step": "crashing.killed_at_every_step crashing.every_kind_of_errand_is_killed",
        "each message once": "431 talk_lost.killed_while_a_copy_is_made founding.a_crash_between_any_two_steps",
    }),
    7: ("Thread and discussion", {
        "one discussion of three, the broadcast once": "432 outwards.a_thread_is_a_discussion",
        "a reply from GitLab in the thread, as who wrote it": "450 inwards.reply_to_a_message_of_slack",
        "it is not mirrored back": "450 inwards.no_echo",
    }),
    8: ("Edit both ways", {
        "one call, the same id": "433 outwards.an_edit_keeps_the_comment",
        "a preview makes no call": "433 outwards.a_preview_of_a_link_is_no_edit",
        "an edit in GitLab changes the copy": "451 inwards.edit_in_gitlab",
        "an edited copy is restored, its editor told": "451 inwards.edit_of_a_copy",
    }),
    9: ("Delete both ways", {
        "a tombstone without a word, or gone": "434 outwards.a_deleted_message_leaves_a_tombstone"
        " talk_refused.deletions_that_leave_nothing",
        "struck in Slack within a minute": "452 deleted.copy_is_struck",
        "the review counts it": "434 review.what_is_internal_stays_out_of_what_all_can_read",
    }),
    10: ("Marks put on and taken off in a race", {
        "five, in any order: none is left, or one with its seconds": "470 marks.in_any_order"
        " marks_whatever.what_is_left_is_what_the_reactions_are",
        "a mark on a reply takes the reply": "471 marks.a_reply_is_taken_for_itself",
    }),
    11: ("Same second", {
        "two events, and one goes alone": "472 marks.the_same_second",
        "two comments, and one goes alone": "434 outwards.same_second",
    }),
    12: ("Quick actions and mentions", {
        "nothing acts, in lists, quotes, code or after an edit": "435 hostile.quick_actions_and_mentions"
        " hostile.any_text hostile.code_is_unchanged",
        "nobody is called in Slack": "453 inwards.calls_nobody inwards.hostile_name",
    }),
    13: ("Private leak", {
        "no announcement, no list, a confidential issue": "413 490 declaring.a_private_incident_is_told_of_nowhere"
        " listing.a_private_one_is_listed_for_who_takes_part",
        "nobody else follows it": "updates.a_private_incident_is_announced_to_nobody"
        " updates.what_becomes_private_is_taken_from_who_takes_no_part",
        "no title in a log": "founding.a_private_incident_is_in_no_log",
        "what turns confidential acts before the next write": "444 454 hidden.announcement_is_withdrawn"
        " hidden.turned_confidential_between_two_looks talk_lost.an_edit_waits_for_the_issue_to_be_confidential",
        "public cards are taken back, a thread is left": "445 withdrawn.the_signpost_is_withdrawn"
        " withdrawn.who_lives_in_a_thread_moves_into_a_private_room",
        "an internal note is a stub in a public room": "454 hidden.internal_note_in_a_public_room",
    }),
    14: ("Bot removed, room archived, renamed, private", {
        "who leads it is told once, what comes waits": "414 455 rooms.a_bot_that_was_removed"
        " catching_up.held_while_muted",
        "five each for itself, more in one": "455 catching_up.few_each_for_itself catching_up.many_in_one",
        "another name changes nothing": "414 rooms.a_new_name_changes_nothing_else",
        "opened again, or another room that links the old": "461 rooms.one_that_is_opened_again_in_time_stays"
        " rooms.another_room_takes_the_place_of_one_that_stays_closed",
        "what it is by now counts": "rooms.a_private_room_that_became_public hidden.room_turns_private_later",
    }),
    15: ("People who are not linked, or have left", {
        "named in what the keeper writes": "436 outwards.somebody_without_an_account outwards.somebody_who_has_left",
        "a press gets help and changes nothing": "480"
        " life_commands.scenario_15_somebody_without_an_account_changes_nothing",
        "who is deactivated commands no more": "480 people.a_commander_whose_account_is_deactivated_commands_no_more",
    }),
    16: ("A storm of 429", {
        "the state goes first": "storm.a_state_goes_before_all_that_was_said"
        " delivery/letters.some_edits_are_kept_for_changes_of_state",
        "nothing is lost or doubled, one probe each time": "437 talk_lost.a_storm_of_refusals",
        "edits of cards wait as Slack says": "delivery/courier_pace.an_edit_that_meets_a_429_is_made_later"
        " delivery/courier_pace.all_replies_survive_a_storm_in_order",
        "the card says so, and no longer": "437 talk_lost.a_storm_of_refusals",
    }),
    17: ("A restart while a nudge is due", {
        "one, with how late it is": "481 nudges.after_a_long_absence_it_is_asked_once",
        "a snooze survives": "481 nudges.a_snooze_survives_an_absence",
        "an update in GitLab counts": "481 nudges.what_was_said_in_gitlab_meanwhile_counts",
    }),
    18: ("Command changes hands", {
        "one commander, one event, one brief, one assignee":
        "482 people.of_an_acceptance_and_an_override_at_the_same_moment_one_counts",
        "who leaves commands no more": "483 people.a_commander_who_leaves_the_room_commands_no_more",
    }),
    19: ("Repeated and stale clicks", {
        "one move, one time, a word to the others alone": "459 life.two_at_once_make_one_move"
        " life_commands.scenario_19_two_click_and_one_comes_late",
    }),
    20: ("Closed in GitLab with something missing", {
        "by a person: it stays so, the room is asked": "460 inbound.scenario_20_who_closes_it_there_has_closed_it",
        "by a bot: a question": "460 inbound.scenario_20_what_a_bot_closes_while_it_burns_is_a_question"
        " inbound.keep_closed_closes_it inbound.reopen_opens_the_issue_again",
    }),
    21: ("Reopen and merge", {
        "a reason; both sides open, the room back, the first times kept": "461"
        " life_commands.scenario_21_reopening_takes_a_reason life.reopening_takes_a_reason_and_keeps_the_first_episode",
        "a duplicate is closed, folded once, without a loop": "491 492 listing.a_duplicate_is_closed_and_folded_once"
        " listing.what_gitlab_says_of_it_changes_nothing_more",
        "who followed it goes along": "listing.followers_go_along",
        "merging into what has ended is refused": "491 listing.merging_into_an_ended_one_is_refused",
    }),
    22: ("Long and rich text", {
        "twelve thousand characters, whole": "unit/markdown/copying.twelve_thousand_characters",
        "it comes back as it was": "438 unit/markdown/round_trip.blocks_come_back"
        " unit/markdown/round_trip.mrkdwn_comes_back",
        "a line of the timeline is cut, with the way to the whole": "478 charting.a_long_text_is_cut_at_a_word",
        "of 40,000 characters the beginning": "456 inwards.forty_thousand_characters",
    }),
    23: ("Images", {
        "uploaded byte for byte, shown, never public": "439 talk_files.an_image_is_shown",
        "a redirect is followed within Slack alone":
        "edges/slack_history.redirects_within_slack_are_followed_and_no_others",
        "too large stays a link, deleted says so": "439 talk_files.a_file_that_is_too_large talk_files.a_deleted_file",
        "a page in its place is not stored": "talk_files.a_page_in_place_of_an_image",
        "from GitLab into the thread": "457 attached.image_in_the_thread",
    }),
    24: ("The review is written again", {
        "human words stay": "493 review.human_words_are_not_touched",
        "figures as worked out by hand": "review.figures_in_the_review_are_those_worked_out_by_hand",
        "every line leads to both sides": "review.a_review_holds_all_that_is_known",
        "two at once make one": "493 review.two_refreshes_at_once_make_one_review",
    }),
    25: ("Born in GitLab, on Free", {
        "room, card and announcement once, with a back-link": "458 born.page born.once born.alert",
        "what Free lacks is done without a word": "475 charting.where_gitlab_takes_no_lines_a_note_says_it"
        " wishes.a_status_that_nobody_may_set_is_no_news",
        "only watched: a card without a channel": "born.watch_only",
        "a thousand acts on both sides converge": "converging.a_thousand_acts converging.everything_converges"
        " both_sides.in_the_end_both_sides_say_the_same",
    }),
}  # fmt: skip
