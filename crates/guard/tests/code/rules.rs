//! The rules, each with the tests that hold it; docs/code.md is written out of them.

/// What a rule says, and the tests that hold it.
pub(crate) type Rule = (&'static str, &'static [&'static str]);

/// Every chapter with its rules.
pub(crate) const CHAPTERS: &[(&str, &[Rule])] = &[
    (
        "Runs",
        &[
            (
                "Python, JavaScript and shell scripts run with their standard libraries",
                &[
                    "programs_in_all_three_languages_are_run",
                    "programs_use_the_standard_library",
                    "text_is_utf_8_in_and_out",
                ],
            ),
            (
                "Arguments and standard input are passed as they are; without input there is none",
                &[
                    "arguments_are_passed_as_they_are",
                    "standard_input_is_what_is_given_or_nothing",
                ],
            ),
            (
                "The environment is empty but for `HOME`, `LANG`, `PATH` and `TMPDIR`; each run starts in an empty work directory",
                &[
                    "the_environment_is_empty_but_for_what_programs_need",
                    "every_run_starts_with_an_empty_work_directory",
                    "many_runs_at_once_do_not_meet",
                ],
            ),
            (
                "Files in: plain names, none twice, bounded",
                &[
                    "files_are_put_beside_the_code",
                    "names_that_are_none_are_refused",
                    "what_is_given_is_bounded",
                ],
            ),
            (
                "Files out: those that were made or changed, regular ones alone, bounded",
                &[
                    "files_that_were_made_or_changed_are_returned",
                    "links_and_other_things_are_never_returned",
                    "so_many_files_are_returned_and_the_rest_is_counted",
                    "files_of_a_run_that_fails_are_returned_too",
                ],
            ),
            (
                "The outcome says the tier and what was used",
                &["an_outcome_says_its_tier_and_what_was_used"],
            ),
        ],
    ),
    (
        "Tiers",
        &[
            (
                "`strict` by default, `confined` by configuration alone, and nothing below",
                &[
                    "without_namespaces_no_executor_is_built_unless_it_may_be_a_weaker_one",
                    "the_strongest_tier_is_taken_that_there_is",
                    "below_the_lowest_tier_nothing_is_run",
                ],
            ),
            (
                "What is missing is said, all at once, with what to do",
                &[
                    "everything_that_is_missing_is_said_at_once",
                    "a_helper_that_is_missing_is_said",
                    "an_interpreter_that_is_missing_is_named_with_what_installs_it",
                    "packages_that_do_not_exist_are_missing",
                    "a_directory_without_control_groups_is_refused",
                ],
            ),
        ],
    ),
    (
        "Languages",
        &[
            (
                "An interpreter is an executable; a shim is asked whom it stands for",
                &[
                    "an_interpreter_that_is_no_executable_is_refused",
                    "a_shim_is_asked_whom_it_stands_for",
                ],
            ),
            (
                "It stays the file that was checked, and is checked in its box",
                &[
                    "an_interpreter_that_was_replaced_is_not_run",
                    "an_interpreter_that_was_written_to_is_not_run",
                    "an_interpreter_that_does_not_do_what_it_should_is_refused",
                ],
            ),
            (
                "Packages are read-only, and only those that were named",
                &[
                    "packages_can_be_imported_and_not_changed",
                    "packages_of_a_virtual_environment_are_there",
                    "what_was_installed_for_others_cannot_be_imported",
                ],
            ),
            (
                "Of the host, the interpreter and its libraries are seen, and what is configured",
                &[
                    "python_and_node_see_little_of_the_host",
                    "a_shell_starts_what_it_is_given_and_nothing_else",
                    "what_is_read_only_can_be_read",
                ],
            ),
            (
                "Languages are configuration",
                &[
                    "another_language_is_a_matter_of_configuration",
                    "a_language_has_the_name_that_it_is_given",
                ],
            ),
        ],
    ),
    (
        "Limits",
        &[
            (
                "Time: 30 s, and 10 s of processors",
                &[
                    "a_run_takes_no_longer_than_it_may",
                    "a_run_may_lower_its_time_and_not_raise_it",
                    "a_run_takes_no_more_time_of_processors_than_it_may",
                ],
            ),
            (
                "Memory: 512 MiB, by the rule of the language, and of all processes together",
                &[
                    "python_has_no_more_memory_than_it_may",
                    "node_has_no_more_memory_than_it_may",
                    "all_processes_of_a_run_have_no_more_memory_together_than_it_may",
                    "a_control_group_bounds_the_memory_of_a_run",
                ],
            ),
            (
                "16 processes and threads",
                &["a_run_has_no_more_processes_and_threads_than_it_may"],
            ),
            (
                "Files of 16 MiB, 64 MiB in 4,096 files in all",
                &[
                    "a_file_grows_no_larger_than_it_may",
                    "the_work_directory_holds_no_more_than_it_may",
                ],
            ),
            (
                "Output: 1 MiB of each stream is kept and marked, 64 MiB end the run",
                &[
                    "one_mib_of_each_stream_is_kept_and_the_rest_is_marked",
                    "a_flood_is_stopped",
                    "output_that_is_no_utf_8_is_kept_as_bytes",
                ],
            ),
            (
                "4 at once, 16 in the queue, no wait without an end",
                &[
                    "whoever_finds_the_queue_full_is_busy",
                    "nobody_waits_for_ever",
                    "a_run_that_fails_gives_back_its_slot",
                ],
            ),
            (
                "Each tenant has a queue of its own beside the common one",
                &[
                    "a_tenant_that_fills_its_queue_leaves_that_of_others_alone",
                    "tenants_share_what_there_is_for_all",
                ],
            ),
        ],
    ),
    (
        "Ends",
        &[
            (
                "Output is handed out as it comes",
                &[
                    "output_is_handed_out_while_the_program_runs",
                    "the_outcome_of_a_stream_holds_what_was_handed_out",
                    "a_stream_hands_out_no_more_than_is_kept",
                ],
            ),
            (
                "Readers end with the run, whoever holds its output open",
                &["whoever_keeps_the_output_open_holds_nobody_up"],
            ),
            (
                "Nothing of a run survives it, nor a future that is dropped",
                &[
                    "nothing_of_a_run_survives_its_end",
                    "a_stream_that_is_dropped_ends_all_processes_of_the_run",
                    "a_run_that_is_dropped_after_any_poll_gives_everything_back",
                    "a_run_that_is_dropped_gives_back_its_slot_and_its_place",
                    "a_server_that_runs_much_keeps_no_descriptor",
                ],
            ),
        ],
    ),
    (
        "Errors and events",
        &[
            (
                "A name each, and texts that tell nothing of the host",
                &[
                    "each_error_has_its_name_and_its_text",
                    "whoever_is_killed_by_a_signal_says_which",
                    "whoever_ends_with_a_code_says_which",
                ],
            ),
            (
                "Errors of runs that started hold what was printed",
                &["only_a_run_that_started_has_an_outcome"],
            ),
            (
                "Each run is told of: language, tier, use, end, tenant",
                &[
                    "each_run_is_told_of_with_its_tier_and_what_it_used",
                    "a_run_that_was_dropped_is_told_of",
                    "the_tenant_is_told_of",
                ],
            ),
            (
                "Neither code nor output is in what is logged",
                &["debug_output_holds_no_code_and_no_output"],
            ),
        ],
    ),
];
