//! The rules, each with the tests that hold it; docs/code.md is written out of them.

/// What a rule says, and the tests that hold it.
pub(crate) type Rule = (&'static str, &'static [&'static str]);

/// Every chapter with its rules.
pub(crate) const CHAPTERS: &[(&str, &[Rule])] = &[(
    "JavaScript in WebAssembly",
    &[
        (
            "Scripts find the language, what is listed, and nothing of the host",
            &[
                "what_is_global_is_what_is_written_down",
                "there_is_nothing_of_the_host_to_be_found",
                "modules_are_refused",
                "files_of_the_host_are_no_files_here",
                "scripts_for_node_find_the_little_they_reach_for",
            ],
        ),
        (
            "Output, arguments, input and files are values",
            &[
                "a_script_prints_what_it_computes",
                "values_are_printed_so_that_they_can_be_read",
                "standard_error_is_a_stream_of_its_own",
                "output_comes_as_it_is_printed",
                "arguments_and_input_are_given",
                "files_are_values_that_go_in_and_come_out",
                "a_file_that_cannot_be_is_an_exception",
                "text_is_utf_8_and_what_is_none_is_replaced",
                "the_tier_and_the_usage_are_told",
            ],
        ),
        (
            "Promises and timers are waited for; what nobody catches or handles ends the script",
            &[
                "promises_and_timers_are_waited_for",
                "a_rejection_that_nobody_handles_ends_it",
                "a_script_that_awaits_what_never_comes_ends",
                "an_exception_that_nobody_catches_ends_it_with_its_stack",
                "a_source_that_is_none_ends_with_where_it_is_wrong",
                "a_script_can_end_itself",
                "what_was_printed_and_written_before_an_end_is_kept",
            ],
        ),
        (
            "Time: what never ends is ended, and cannot catch that",
            &[
                "what_never_ends_is_ended",
                "an_end_cannot_be_caught",
                "time_at_work_is_a_cpu_limit",
                "time_in_timers_is_a_timeout_and_no_cpu",
                "a_run_can_be_given_less_time",
                "nothing_waits_where_there_is_nobody_to_wake_it",
            ],
        ),
        (
            "Memory: 64 MiB of the machine, and what the host holds for it is bounded",
            &[
                "memory_is_bounded_by_64_mib_and_by_the_limit",
                "a_script_that_lives_with_less_memory_goes_on",
                "a_machine_that_does_not_fit_is_a_memory_limit",
                "huge_allocations_are_refused",
                "files_are_bounded_in_size_and_number",
                "output_beyond_the_limit_is_cut_and_flagged",
                "a_flood_of_output_ends_the_run",
            ],
        ),
        (
            "Depth: recursion is an exception, and no stack of the host is used up",
            &[
                "deep_recursion_is_an_exception",
                "deep_structures_are_contained",
            ],
        ),
        (
            "Operands that lie, a language that is bent, and a defect of the engine lead nowhere",
            &[
                "operands_that_are_lies_are_refused",
                "bending_the_language_bends_nothing_of_the_host",
                "memory_of_the_machine_is_its_own",
                "time_is_coarse_and_chance_differs",
            ],
        ),
        (
            "A machine for each run; a run that is dropped stops, and its place is free then",
            &[
                "nothing_of_a_run_is_left_for_the_next",
                "memory_of_a_run_is_clean",
                "many_run_at_the_same_time",
                "nobody_runs_beyond_the_places",
                "a_run_that_is_dropped_gives_its_place_back",
            ],
        ),
        (
            "The engine is the one that was published",
            &["the_engine_is_the_one_that_is_written_down"],
        ),
    ],
)];
