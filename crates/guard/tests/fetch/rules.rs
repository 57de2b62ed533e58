//! The rules, each with the tests that hold it; docs/urls.md is written out of them.

/// What a rule says, and the tests that hold it.
pub(crate) type Rule = (&'static str, &'static [&'static str]);

/// Every chapter with its rules.
pub(crate) const CHAPTERS: &[(&str, &[Rule])] = &[
    (
        "Text",
        &[
            (
                "Text: at most 8,192 bytes, no white space, control character or backslash, of the form `scheme://authority`",
                &[
                    "an_empty_text_is_refused",
                    "more_than_8192_bytes_are_refused",
                    "white_space_and_control_characters_are_refused_anywhere",
                    "backslashes_are_refused_anywhere",
                    "what_parsers_would_repair_is_refused",
                    "the_error_says_what_is_wrong_about_the_text",
                ],
            ),
            (
                "No user or password; no `%` and no forbidden code point in the host",
                &[
                    "users_and_passwords_are_refused",
                    "percent_and_forbidden_code_points_in_the_host_are_refused",
                ],
            ),
            (
                "`http` and `https`; profile `oauth`: `https`, port 443, no redirects, a path for ids of clients",
                &[
                    "only_http_and_https_are_fetched",
                    "the_profile_oauth_takes_https_at_port_443_alone",
                    "the_id_of_a_client_has_a_path",
                    "documents_of_oauth_come_over_tls_and_from_where_they_were_asked",
                    "the_profile_oauth_follows_none",
                ],
            ),
            (
                "Ports 80 and 443 unless opened; 0 and text are none",
                &[
                    "ports_other_than_80_and_443_are_refused_unless_opened",
                    "zero_and_text_are_no_ports",
                ],
            ),
            (
                "IPv4 as four canonical decimal numbers, IPv6 in brackets without a zone",
                &[
                    "ipv4_addresses_are_four_canonical_decimal_numbers",
                    "names_whose_last_label_is_a_number_are_refused",
                    "ipv6_addresses_stand_in_brackets_without_a_zone",
                ],
            ),
            (
                "Names: UTS 46, no ASCII in disguise, one trailing dot removed, lengths",
                &[
                    "names_of_other_scripts_go_through_uts_46",
                    "names_that_become_ascii_by_mapping_are_refused",
                    "one_trailing_dot_is_removed",
                    "labels_and_names_are_bounded_and_never_empty",
                ],
            ),
            (
                "One normal form, which every parser reads alike",
                &[
                    "what_is_allowed_has_one_normal_form",
                    "what_is_allowed_is_public_has_one_form_and_is_read_alike",
                ],
            ),
        ],
    ),
    (
        "Hosts and addresses",
        &[
            (
                "Single labels and `localhost`, `local`, `internal`, … are refused before a lookup",
                &["reserved_names_are_refused_before_they_are_looked_up"],
            ),
            (
                "`allow_hosts` and `deny_hosts`: whole labels, `*.x` is not `x`, a denied name covers what is below",
                &[
                    "only_allowed_hosts_are_asked_once_there_are_any",
                    "a_denied_name_covers_what_is_below_it",
                    "patterns_are_whole_labels",
                    "an_allowed_name_does_not_open_its_address",
                ],
            ),
            (
                "Addresses: IPv4 outside of the special ranges, IPv6 inside of global unicast",
                &[
                    "ipv4_outside_of_the_special_ranges_is_allowed",
                    "ipv6_is_allowed_inside_of_global_unicast_alone",
                    "an_independent_predicate_agrees_on_ipv4",
                    "an_independent_predicate_agrees_on_ipv6",
                    "nothing_is_dialled_that_is_not_public",
                ],
            ),
            (
                "Mapped, compatible, SIIT, NAT64, 6to4, Teredo and ISATAP forms",
                &[
                    "forms_that_embed_ipv4_are_refused_even_with_a_public_address_inside",
                    "isatap_identifiers_that_embed_a_refused_address_are_refused",
                    "nat64_is_opened_on_purpose_and_then_judged_by_the_address_inside",
                ],
            ),
            (
                "`allow_ranges`, and what never opens",
                &[
                    "ranges_are_opened_on_purpose",
                    "what_hands_out_credentials_never_opens",
                    "ranges_are_written_in_one_way",
                ],
            ),
        ],
    ),
    (
        "Lookups and connections",
        &[
            (
                "One lookup for each hop; one refused address refuses the hop; connections to that answer alone",
                &[
                    "each_hop_is_looked_up_once_and_connected_to_that_answer",
                    "an_answer_with_one_refused_address_refuses_the_hop",
                    "the_connection_falls_back_inside_of_the_answer",
                    "a_long_answer_is_not_tried_to_its_end",
                    "no_answer_is_an_error_and_never_a_direct_dial",
                    "the_host_header_stays_the_name",
                    "an_address_in_the_url_is_judged_and_not_looked_up",
                    "the_resolver_and_the_connector_of_this_machine_work",
                ],
            ),
            (
                "No alternative services, no proxies of the environment",
                &[
                    "alternative_services_are_ignored",
                    "proxies_of_the_environment_are_ignored",
                    "a_fetch_beside_proxies",
                ],
            ),
            (
                "A policy can refuse, and never allow",
                &[
                    "a_policy_is_asked_before_each_hop",
                    "a_policy_cannot_allow_what_the_rules_refuse",
                ],
            ),
            (
                "A proxy: listed hosts alone, in the type that nothing is pinned",
                &[
                    "only_listed_hosts_are_asked_through_a_proxy",
                    "the_other_rules_hold_behind_a_proxy",
                    "a_proxy_passes_tls_on_without_reading_it",
                    "a_proxy_that_refuses_is_no_connection",
                    "a_proxy_has_a_list_of_hosts",
                ],
            ),
            (
                "TLS 1.2 at least, for the name of the URL",
                &[
                    "the_name_of_the_url_is_what_a_host_has_to_prove",
                    "a_host_that_nobody_vouches_for_is_refused",
                    "an_address_has_to_be_proved_too",
                    "tls_before_1_2_is_refused",
                    "what_is_no_certificate_is_not_trusted",
                ],
            ),
        ],
    ),
    (
        "Connections that are used again",
        &[
            (
                "A connection is used again for the same origin alone (scheme, host, port), by the fetcher that made it",
                &[
                    "a_connection_is_used_again_for_the_same_origin",
                    "another_origin_has_a_connection_of_its_own",
                    "fetchers_share_nothing",
                    "tenants_share_no_connection",
                    "a_host_has_to_prove_itself_once_for_each_connection",
                    "redirects_use_connections_again_too",
                    "connections_stay_in_the_runtime_they_were_made_in",
                ],
            ),
            (
                "Every hop is looked up and judged all the same, and the connection leads to an address of that very answer",
                &[
                    "names_are_looked_up_for_each_hop_all_the_same",
                    "a_name_that_now_leads_elsewhere_does_not_use_the_old_connection",
                    "a_policy_is_asked_whatever_is_open",
                ],
            ),
            (
                "It is closed on any doubt: bytes that nobody asked for, an end, an error, an answer that was not read to its end",
                &[
                    "a_connection_that_was_closed_meanwhile_is_not_used",
                    "a_connection_on_which_somebody_spoke_unasked_is_not_used",
                    "an_answer_that_says_so_is_the_last_of_its_connection",
                    "an_answer_that_is_not_taken_is_the_last_of_its_connection",
                    "a_fetch_that_is_dropped_closes_its_connection",
                    "a_fetcher_that_is_dropped_closes_what_it_kept",
                ],
            ),
            (
                "Kept: 30 s, 64 in all, and with one host no more than 4 together with those in use; none behind a proxy",
                &[
                    "connections_are_kept_for_30_seconds",
                    "what_is_kept_is_bounded",
                    "nothing_is_kept_if_nobody_wants_it",
                    "nothing_is_kept_behind_a_proxy",
                ],
            ),
            (
                "A request on a used connection that closes before any byte of an answer is repeated once, if it is `GET` or `HEAD` or never left",
                &[
                    "a_request_on_a_used_connection_that_breaks_is_repeated_once_if_it_may_be",
                    "a_request_of_which_nothing_was_sent_is_repeated_whatever_it_is",
                    "nothing_is_repeated_twice_or_on_a_new_connection",
                    "a_host_that_is_silent_on_a_used_connection_is_not_asked_again",
                ],
            ),
            (
                "Nothing of one request reaches the next, and no credentials that count for a connection",
                &[
                    "nothing_of_one_request_is_in_the_next",
                    "credentials_that_stick_to_a_connection_end_with_it",
                ],
            ),
        ],
    ),
    (
        "Redirects",
        &[
            (
                "Redirects: 301, 302, 303, 307, 308, at most 5, each through the whole guard, none to `http`",
                &[
                    "five_statuses_are_redirects_and_no_others",
                    "at_most_five_redirects_are_followed",
                    "each_location_goes_through_the_whole_guard",
                    "a_name_is_looked_up_anew_for_each_hop",
                    "relative_locations_are_resolved",
                    "a_redirect_without_a_location_is_the_final_answer",
                    "a_redirect_from_https_to_http_is_refused",
                ],
            ),
            (
                "To another origin goes nothing that was meant for this one",
                &[
                    "another_origin_gets_three_headers_of_the_caller_alone",
                    "what_was_dropped_does_not_come_back",
                    "the_same_origin_gets_all_headers",
                    "a_body_is_sent_again_with_307_and_308_to_the_same_origin_alone",
                    "a_head_request_stays_one",
                ],
            ),
        ],
    ),
    (
        "Limits",
        &[
            (
                "Time: 5 s to connect, 10 s to the first byte, 30 s in all",
                &[
                    "connecting_takes_5_seconds_at_most",
                    "looking_up_is_part_of_connecting",
                    "a_handshake_is_part_of_connecting",
                    "the_first_byte_takes_10_seconds_at_most",
                    "everything_takes_30_seconds_at_most",
                    "time_is_what_the_clock_says",
                    "a_fetch_that_is_dropped_leaves_nothing_behind",
                ],
            ),
            (
                "Heads: 64 KiB, 100 fields, 8 interim answers",
                &[
                    "a_head_of_64_kib_is_read_and_no_larger_one",
                    "a_head_of_100_fields_is_read_and_no_longer_one",
                    "eight_interim_answers_are_borne_and_no_more",
                ],
            ),
            (
                "Bodies: 10 MiB decompressed, no more than 100 to 1",
                &[
                    "more_than_10_mib_are_refused_whether_they_are_announced_or_not",
                    "more_than_10_mib_decompressed_are_refused",
                    "a_body_that_swells_beyond_100_to_1_is_refused",
                    "a_request_may_take_less",
                    "a_window_of_zstandard_is_bounded",
                ],
            ),
            (
                "For each host: 10 a second, 20 at once after a pause, 4 at the same time",
                &[
                    "a_host_is_asked_as_often_as_its_rate_allows",
                    "redirects_count_for_the_host_they_lead_to",
                    "four_exchanges_with_a_host_run_at_once",
                    "those_who_wait_for_a_host_are_bounded",
                    "the_hosts_that_are_counted_are_bounded",
                ],
            ),
        ],
    ),
    (
        "Answers",
        &[
            (
                "gzip, Brotli, Zstandard, at most one; broken streams are refused",
                &[
                    "gzip_brotli_and_zstandard_are_decompressed",
                    "several_members_or_frames_are_one_body",
                    "other_encodings_and_several_are_refused",
                    "truncated_and_broken_streams_are_refused",
                    "whatever_is_flipped_in_a_stream_does_no_harm",
                ],
            ),
            (
                "Text, JSON and XML; text is UTF-8",
                &[
                    "text_json_and_xml_are_read_and_nothing_else",
                    "text_is_utf_8_with_replacement_and_never_utf_7",
                ],
            ),
            (
                "Failures and broken answers are errors",
                &[
                    "failures_are_errors_unless_they_are_wanted",
                    "answers_that_break_off_are_refused",
                ],
            ),
        ],
    ),
    (
        "Requests, tenants and errors",
        &[
            (
                "`GET`, `HEAD`, `POST`; headers that callers may not set",
                &[
                    "get_head_and_post_are_sent_and_no_other_method",
                    "headers_that_are_not_the_callers_are_refused",
                    "line_breaks_in_headers_are_refused",
                ],
            ),
            (
                "No cookies, no credentials that the caller did not give",
                &[
                    "no_cookie_is_kept",
                    "nothing_is_sent_that_the_caller_did_not_say",
                ],
            ),
            (
                "Each tenant has limits of its own",
                &[
                    "each_tenant_has_limits_of_its_own",
                    "tenants_are_counted_up_to_a_limit_and_forgotten_when_they_rest",
                ],
            ),
            (
                "Each fetch is told of, by host and outcome, and by nothing more",
                &[
                    "each_fetch_is_told_of_once_with_its_host_and_what_became_of_it",
                    "nothing_of_a_path_or_a_query_is_told",
                    "a_fetch_that_is_dropped_is_told_of",
                    "everybody_is_told",
                    "events_say_for_which_tenant",
                ],
            ),
            (
                "Errors: a name each, texts that tell nothing, three that look alike",
                &[
                    "each_error_has_its_name",
                    "hosts_that_are_refused_and_hosts_that_do_not_exist_look_alike",
                    "the_text_holds_no_address_path_or_piece_of_an_answer",
                ],
            ),
        ],
    ),
];
