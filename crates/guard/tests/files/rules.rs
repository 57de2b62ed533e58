//! The rules, each with the tests that hold it; docs/files.md is written out of them.

/// What a rule says, and the tests that hold it.
pub(crate) type Rule = (&'static str, &'static [&'static str]);

/// Every chapter with its rules.
pub(crate) const CHAPTERS: &[(&str, &[Rule])] = &[
    (
        "Names",
        &[
            (
                "Relative, without drives, backslashes, control and invisible characters",
                &[
                    "what_is_empty_or_absolute_or_names_a_drive_is_no_path",
                    "backslashes_are_refused_anywhere",
                    "control_characters_are_refused_anywhere",
                    "characters_that_change_direction_or_cannot_be_seen_are_refused",
                    "no_text_makes_it_panic_and_what_is_taken_is_what_was_said",
                ],
            ),
            (
                "At most 4,095 bytes and 128 names of at most 255 bytes",
                &["paths_and_names_are_bounded"],
            ),
            (
                "Nothing is decoded, expanded or normalised",
                &["nothing_is_decoded_expanded_or_normalised"],
            ),
            (
                "`..` leads where it leads, as long as that is below the root",
                &["two_dots_are_followed_as_long_as_they_stay_below"],
            ),
        ],
    ),
    (
        "Links",
        &[
            (
                "Nothing outside is reached, by any way",
                &[
                    "nothing_outside_is_read_listed_or_looked_at",
                    "what_is_written_stays_below_whatever_links_are_on_the_way",
                ],
            ),
            (
                "Reading, listing and stat follow relative links that stay below",
                &["reading_listing_and_stat_follow_links_that_stay_below"],
            ),
            (
                "Absolute targets and the links of `/proc` are refused",
                &[
                    "absolute_targets_are_refused_even_if_they_lead_back",
                    "links_to_what_is_open_are_refused",
                ],
            ),
            (
                "40 links are followed",
                &["forty_links_are_followed_and_no_more"],
            ),
            (
                "A link at the end is not written through, and not replaced",
                &["a_link_at_the_end_is_neither_written_through_nor_replaced"],
            ),
            (
                "The kernel is asked once whether it follows paths; both ways have the same rules",
                &[
                    "the_kernel_is_asked_once_and_is_not_believed_to_be_there",
                    "everything_works_without_the_call",
                ],
            ),
        ],
    ),
    (
        "Reading and listing",
        &[
            (
                "Only regular files are opened",
                &[
                    "a_file_is_read",
                    "pipes_sockets_and_directories_are_not_opened",
                    "devices_are_not_opened",
                ],
            ),
            (
                "10 MiB are read, and one byte more to find out",
                &[
                    "a_file_of_10_mib_is_read_and_no_larger_one",
                    "no_more_is_read_than_a_file_may_have_whatever_size_it_says",
                ],
            ),
            ("Text is UTF-8", &["text_is_utf_8_or_none"]),
            (
                "Lists have 10,000 entries, of names that can be asked for",
                &[
                    "a_list_has_names_kinds_and_sizes_in_order",
                    "only_a_directory_is_listed",
                    "a_list_and_a_search_are_bounded",
                    "ten_thousand_entries_are_listed",
                    "names_that_no_path_may_hold_are_counted_and_left_out",
                    "paths_that_could_not_be_asked_for_are_not_found",
                ],
            ),
            (
                "Patterns lead down, follow no link, and end",
                &[
                    "patterns_find_names_below_and_follow_no_link",
                    "patterns_that_lead_up_or_are_not_closed_are_refused",
                    "the_paths_of_a_search_have_4_mib_together",
                ],
            ),
        ],
    ),
    (
        "Writing",
        &[
            (
                "A file is written aside and takes its name when it is on disk",
                &[
                    "a_file_is_written_and_replaced",
                    "readers_see_the_old_file_or_the_new_one",
                    "appends_at_once_are_all_there",
                ],
            ),
            (
                "Modes are 0600 and 0700, whatever they were and whatever the umask is",
                &[
                    "modes_are_private_whatever_they_were",
                    "the_umask_is_irrelevant",
                ],
            ),
            (
                "Hard links are broken",
                &["hard_links_are_broken_and_not_written_through"],
            ),
            (
                "A failure leaves nothing behind",
                &[
                    "a_full_disk_is_a_quota_and_leaves_nothing_behind",
                    "a_limit_of_the_system_leaves_nothing_behind",
                    "what_children_do",
                    "what_a_killed_process_left_is_removed_when_it_is_old",
                    "a_directory_that_cannot_be_made_private_is_not_left_behind",
                    "what_is_appended_and_not_on_disk_is_not_appended_again",
                ],
            ),
            (
                "What has to be new is new",
                &["one_of_many_makes_a_new_file"],
            ),
            (
                "Nothing gets the name that files have while they are written",
                &["nothing_gets_the_name_of_a_file_that_is_being_written"],
            ),
            (
                "Missing parents are an error unless they are asked for",
                &["missing_parents_are_an_error_unless_they_are_made"],
            ),
            (
                "The root is neither written nor moved nor removed",
                &["the_root_is_neither_written_nor_moved_nor_removed"],
            ),
            (
                "Moving and copying replace nothing",
                &[
                    "a_file_a_directory_and_a_link_are_moved",
                    "moving_and_copying_replace_nothing",
                    "a_directory_does_not_get_into_itself",
                ],
            ),
            (
                "Removing a link removes the link, and removing a tree follows none",
                &[
                    "files_links_and_empty_directories_are_removed",
                    "a_tree_is_removed_without_following_a_link",
                    "a_tree_that_is_deeper_than_any_path_is_refused_and_not_half_understood",
                ],
            ),
            (
                "A temporary file goes unless it is kept",
                &["a_temporary_file_goes_unless_it_is_kept"],
            ),
        ],
    ),
    (
        "Watching",
        &[
            (
                "Changes below are told, of what is made later too",
                &[
                    "what_is_made_written_moved_and_removed_is_told",
                    "directories_that_are_made_later_are_watched_too",
                    "a_directory_that_goes_ends_the_watch",
                    "a_watch_goes_on_after_a_moment_without_handles",
                ],
            ),
            (
                "Nothing outside is watched",
                &["nothing_outside_is_watched"],
            ),
            (
                "What waits and what is watched is bounded; what is missed is said",
                &[
                    "changes_that_wait_are_bounded_and_it_is_said_that_some_were_missed",
                    "directories_that_are_watched_are_bounded",
                    "no_change_is_lost_by_whoever_stops_waiting",
                ],
            ),
        ],
    ),
    (
        "Room and time",
        &[
            (
                "1 GiB, 10,000 names, 10 MiB a file",
                &[
                    "the_defaults_are_those_of_the_chapter",
                    "bytes_are_bounded_to_the_last",
                    "names_are_bounded_those_of_directories_too",
                    "appending_makes_no_file_too_large",
                    "links_and_directories_have_no_bytes_and_count_as_names",
                ],
            ),
            (
                "Writers at once do not exceed it together",
                &["writers_at_once_do_not_exceed_it_together"],
            ),
            (
                "What others do is counted before a quota is said to be used up",
                &[
                    "what_others_do_is_counted_when_there_seems_to_be_no_room",
                    "counting_ends_where_there_is_too_much",
                ],
            ),
            (
                "16 operations at once, 256 that wait, 10 s",
                &[
                    "the_defaults_of_limits_are_those_of_the_chapter",
                    "what_is_too_much_at_once_is_busy",
                    "an_operation_takes_10_seconds_at_most_and_keeps_its_turn_until_it_ends",
                    "work_that_panics_is_an_error_and_gives_its_turn_back",
                    "a_deep_tree_takes_one_handle_for_each_directory_on_the_way",
                ],
            ),
            (
                "What is given up happens as a whole or not at all",
                &["what_is_given_up_leaves_no_half_file_and_keeps_no_turn"],
            ),
        ],
    ),
    (
        "Tenants, events and errors",
        &[
            (
                "A tenant has a root of its own, whatever it is called",
                &[
                    "a_tenant_has_a_directory_of_its_own_whatever_it_is_called",
                    "two_names_are_two_tenants",
                    "tenants_do_not_see_each_other",
                    "a_link_in_the_place_of_a_tenants_directory_is_not_followed",
                    "a_tenant_whose_directory_is_taken_away_begins_anew",
                ],
            ),
            (
                "Its quota and its count are its own",
                &[
                    "each_tenant_has_a_quota_of_its_own_and_one_count",
                    "tenants_that_are_known_at_once_are_bounded",
                    "a_tenant_that_is_full_locks_no_other_out_when_it_is_built_again",
                ],
            ),
            (
                "None takes the turns that others need to get at their own",
                &[
                    "a_tenant_that_is_known_needs_no_turn_of_the_others",
                    "a_tenant_that_is_new_takes_one_turn_of_the_others",
                ],
            ),
            (
                "A root that is only read is not written",
                &["a_root_that_is_only_read_makes_nothing"],
            ),
            (
                "Each operation is told of",
                &["each_operation_is_told_of_with_its_path_and_what_became_of_it"],
            ),
            (
                "Errors: a name each, texts that tell no path",
                &[
                    "each_error_has_its_name_and_tells_no_path",
                    "what_the_system_has_no_room_for_is_a_quota",
                    "no_error_tells_where_the_root_is",
                    "a_root_that_is_none_is_an_error",
                    "without_a_runtime_there_is_an_error_and_no_panic",
                ],
            ),
        ],
    ),
];
