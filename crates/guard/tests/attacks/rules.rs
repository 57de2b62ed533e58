//! The attacks by what they are after; docs/code.md is written out of them.

/// What a rule says, and the tests that hold it.
pub(crate) type Rule = (&'static str, &'static [&'static str]);

/// Every chapter with its rules.
pub(crate) const CHAPTERS: &[(&str, &[Rule])] = &[(
    "Attacks, in `Strict` and in `Confined`",
    &[
        (
            "Files of the host: nothing is read, listed, changed, moved, linked or removed, and in `Strict` nothing is seen",
            &[
                "files_of_the_host_cannot_be_read",
                "directories_of_the_host_cannot_be_listed",
                "in_strict_nothing_is_seen_of_the_host",
                "files_of_the_host_cannot_be_changed",
                "modes_owners_and_times_of_the_host_cannot_be_changed",
                "links_out_of_the_work_directory_lead_nowhere",
                "descriptors_of_directories_lead_nowhere",
                "what_the_interpreter_consists_of_cannot_be_changed",
                "nothing_else_can_be_written_to",
                "what_is_handed_out_at_the_end_is_of_the_run",
            ],
        ),
        (
            "`/proc`, `/sys`, devices, terminals",
            &[
                "proc_and_sys_show_nothing",
                "there_are_three_devices_and_no_others",
                "devices_cannot_be_made",
                "there_is_no_terminal_to_type_into",
            ],
        ),
        (
            "Clocks, priorities, limits, core dumps",
            &[
                "clocks_cannot_be_set",
                "clocks_of_other_processes_cannot_be_read",
                "priorities_cannot_be_raised",
                "limits_cannot_be_raised_and_no_core_is_dumped",
            ],
        ),
        (
            "The network, sockets with and without a name, queues, shared memory, keys",
            &[
                "nobody_is_reached_by_tcp_or_udp",
                "no_unix_socket_is_reached",
                "there_are_no_sockets_of_any_family",
                "nothing_is_shared_by_queues_or_memory_with_a_name",
            ],
        ),
        (
            "Bombs of processes, threads, memory, time, descriptors; in `Confined` there is one process",
            &[
                "a_fork_bomb_makes_as_many_processes_as_are_allowed",
                "a_fork_bomb_that_goes_on_ends_with_its_time",
                "in_confined_there_is_one_process",
                "threads_are_counted_with_processes",
                "one_process_has_no_more_memory_than_allowed",
                "memory_of_other_kinds_counts_too",
                "all_processes_together_have_no_more_memory_than_allowed",
                "time_of_processors_is_bounded",
                "who_sleeps_ends_with_its_time",
                "descriptors_are_bounded",
            ],
        ),
        (
            "Disk: bytes, files with and without a name, holes, depth, locked directories",
            &[
                "a_file_has_no_more_bytes_than_allowed",
                "all_files_have_no_more_bytes_than_allowed",
                "files_without_a_name_count",
                "there_are_no_more_files_than_allowed",
                "holes_are_not_handed_out_beyond_measure",
                "deep_directories_do_no_harm",
                "locked_directories_are_cleared_up",
            ],
        ),
        (
            "Signals: ignored, to others, to everybody, by the kernel on somebody's behalf",
            &[
                "who_ignores_all_signals_ends_with_its_time",
                "who_stops_itself_ends_with_its_time",
                "a_signal_for_everybody_reaches_nobody_else",
                "processes_of_the_host_cannot_be_signalled",
                "no_signal_is_sent_by_the_kernel_on_behalf_of_a_run",
                "nobody_outlives_its_parent_by_saying_so",
                "the_first_process_of_a_box_cannot_be_killed_from_inside",
            ],
        ),
        (
            "Dangerous system calls by number, those of tomorrow, those of another architecture",
            &[
                "dangerous_system_calls_fail",
                "system_calls_that_nobody_knows_yet_fail",
                "numbers_of_another_architecture_do_not_get_around_the_filter",
            ],
        ),
        (
            "Other programs: set-uid ones, those of the host, one's own, by the loader and without a path",
            &[
                "nothing_is_run_from_the_work_directory",
                "the_loader_runs_nothing_that_gets_further",
                "programs_of_the_host_are_not_run",
                "nothing_is_run_without_a_path",
                "what_is_read_from_standard_input_is_not_run",
                "set_uid_programs_give_nothing",
                "the_interpreter_started_again_is_in_the_same_box",
            ],
        ),
        (
            "Daemons end with their run, and nobody waits for those who hold its output",
            &[
                "a_daemon_ends_with_its_run",
                "a_daemon_that_beats_is_heard_no_more_once_the_run_is_over",
                "a_grandchild_that_holds_the_output_does_not_hold_up_the_run",
                "a_run_that_is_out_of_time_takes_its_daemons_along",
                "jobs_of_a_shell_end_with_it",
            ],
        ),
        (
            "Descriptors, environment and control socket of the server",
            &[
                "no_descriptor_of_the_server_is_inherited",
                "nothing_of_the_environment_of_the_server_is_inherited",
                "the_line_to_the_server_is_out_of_reach",
                "a_run_has_a_session_and_a_directory_of_its_own",
            ],
        ),
        (
            "Floods of output",
            &[
                "what_is_printed_beyond_measure_is_cut_and_said_to_be",
                "a_flood_ends_the_run",
                "a_flood_that_goes_on_after_the_deadline_ends_all_the_same",
                "output_that_nobody_takes_is_not_kept",
                "whatever_bytes_are_printed_are_taken",
            ],
        ),
        (
            "What comes out: plain names, and nothing but files",
            &[
                "names_of_files_that_come_out_are_plain",
                "pipes_and_links_do_not_come_out",
                "a_given_file_that_became_a_link_does_not_come_out",
                "no_more_files_come_out_than_allowed",
            ],
        ),
        (
            "Other runs, before and at the same time",
            &[
                "two_runs_at_once_do_not_see_one_another",
                "two_runs_at_once_do_not_reach_one_another",
                "nothing_is_left_for_the_next_run",
                "memory_of_others_is_not_seen",
            ],
        ),
        (
            "Servers, helpers and callers that end before the run does",
            &[
                "nothing_outlives_a_server_that_is_killed",
                "a_server_that_is_going_to_be_killed",
                "nothing_outlives_a_helper_that_is_killed",
                "nothing_outlives_a_caller_that_gives_up",
            ],
        ),
        (
            "A server that is not root, whose runs have the same user",
            &["a_server_that_is_not_root_is_safe_from_the_same_attacks"],
        ),
    ],
)];
