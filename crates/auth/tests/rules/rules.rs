//! The rules, each with the tests that are named after it.
//!
//! A name that several tests have is followed by `@` and a part of the path of the one that is
//! meant.

/// What a rule says, and the tests that hold it.
pub(crate) type Rule = (&'static str, &'static [&'static str]);

/// Every chapter with its rules.
pub(crate) const CHAPTERS: &[(&str, &[Rule])] = &[
    (
        "Attacks",
        &[
            (
                "Confused deputy: a client of the attacker's gets no code without a click",
                &["confused_deputy_a_client_of_the_attacker_gets_no_code_without_a_click"],
            ),
            (
                "Mix-up: every answer names its issuer, and no other issuer's answer is believed",
                &[
                    "mix_up_every_answer_names_its_issuer",
                    "an_answer_of_another_issuer_never_becomes_a_token_request",
                    "the_issuer_that_answers_is_the_issuer_that_was_asked",
                    "an_answer_of_another_issuer_ends_the_login_without_a_code",
                ],
            ),
            (
                "Code injection: a stolen code is of no use without its verifier",
                &[
                    "code_injection_a_stolen_code_is_of_no_use_without_its_verifier",
                    "a_code_is_worth_nothing_without_the_verifier_of_its_login",
                ],
            ),
            (
                "Replay: of forms, callbacks, codes, proofs and assertions",
                &[
                    "replay_an_answered_form_a_callback_and_a_code_lead_nowhere_twice",
                    "a_proof_is_good_once",
                    "an_identity_assertion_is_used_once",
                ],
            ),
            (
                "Redirect tricks",
                &[
                    "a_redirect_uri_cannot_say_what_the_answer_says",
                    "what_matches_is_equal_or_differs_in_the_port_of_loopback",
                    "a_bad_redirect_uri_is_an_error_page_and_never_a_redirect",
                    "a_token_endpoint_that_redirects_sends_no_secret_elsewhere",
                ],
            ),
            (
                "Request forgery: no other page answers for the user",
                &[
                    "csrf_no_other_page_can_answer_for_the_user",
                    "the_form_needs_its_token_and_its_cookie",
                ],
            ),
            (
                "Algorithm confusion: a public key is no secret, `none` is no algorithm",
                &[
                    "a_public_key_is_no_secret",
                    "algorithms_are_configured_and_none_is_none_of_them",
                ],
            ),
            (
                "Injection by `kid`: it is a text, compared for equality",
                &[
                    "kid_is_a_text_compared_for_equality",
                    "an_injected_kid_finds_no_key_and_leads_nowhere",
                ],
            ),
            (
                "Poisoned key sets change nothing",
                &["a_poisoned_answer_changes_nothing"],
            ),
            (
                "Reuse of a refresh token ends the login",
                &[
                    "refresh_reuse_ends_the_login_for_thief_and_client",
                    "a_refresh_token_that_was_used_ends_its_family",
                ],
            ),
            (
                "Session fixation: planted cookies lead to nothing, sessions belong to who opened them",
                &[
                    "session_fixation_planted_cookies_lead_to_no_code_of_the_victim",
                    "sessions_of_every_revision_are_protected_on_each_request_and_belong_to_their_opener",
                ],
            ),
            (
                "A token for one server opens no other (CVE-2025-69196)",
                &[
                    "cross_server_audience_a_token_for_one_server_opens_no_other",
                    "a_token_for_one_resource_is_refused_by_another",
                ],
            ),
            (
                "The browser that approved is the one at the callback (CVE-2026-27124)",
                &["the_browser_that_approved_must_be_the_browser_at_the_callback"],
            ),
            (
                "A wrong type is no absence (CVE-2026-25537)",
                &["a_wrong_type_is_a_failure_and_not_absence@verify"],
            ),
            (
                "No bit flip of a valid token verifies",
                &[
                    "no_bit_flip_of_a_valid_token_verifies",
                    "no_bit_flip_of_a_token_verifies",
                    "two_mutations_of_a_valid_token_do_not_verify",
                ],
            ),
            (
                "No input panics: tokens, key sets, claims, redirect URIs, introspection, PKCE, forms",
                &[
                    "no_text_makes_it_panic_or_gets_in",
                    "no_three_parts_make_it_panic_or_get_in",
                    "no_signed_json_makes_it_panic",
                    "no_claim_of_any_type_makes_it_panic",
                    "no_key_set_makes_it_panic",
                    "no_answer_about_a_token_makes_it_panic",
                    "no_text_panics@redirect",
                    "no_text_panics@tokens",
                    "no_other_verifier_verifies_and_none_panics",
                    "no_query_and_no_form_makes_an_endpoint_fail",
                    "no_metadata_panics",
                    "whatever_basic_says_nothing_panics",
                ],
            ),
            (
                "The vectors of Project Wycheproof for signatures and keys",
                &[
                    "every_signature_vector_is_judged_as_it_should_be",
                    "every_key_vector_is_judged_as_it_should_be",
                ],
            ),
        ],
    ),
    (
        "Tokens",
        &[
            ("Compact form only", &["compact_form_only"]),
            (
                "At most 8,192 bytes",
                &[
                    "at_most_8192_bytes",
                    "a_token_of_more_than_8192_bytes_is_refused_before_it_is_judged",
                ],
            ),
            (
                "Strict base64url",
                &["strict_base64url_without_padding_and_with_canonical_last_bits"],
            ),
            (
                "Header and payload are JSON objects with one reading, at most 32 deep, with finite numbers",
                &[
                    "header_and_payload_are_json_objects_without_duplicate_members",
                    "depth_at_most_32_and_finite_numbers",
                    "only_one_reading_is_read",
                    "nesting_is_bounded",
                ],
            ),
            (
                "Algorithms are configured; shared secrets have 32 bytes and are no text of a key",
                &[
                    "algorithms_are_configured_and_none_is_none_of_them",
                    "hmac_needs_32_bytes_and_refuses_the_text_of_keys",
                ],
            ),
            (
                "The header does not say how it is verified",
                &["the_header_may_not_say_how_it_is_verified"],
            ),
            (
                "`typ` is absent or that of a token",
                &["typ_is_absent_or_that_of_a_token"],
            ),
            (
                "`kid` is required where there are several keys",
                &["kid_is_required_when_there_are_several_keys"],
            ),
            (
                "A key is used for what it is for, with 2,048 bits and an exponent of 65,537 at least",
                &["what_a_key_is_for_has_to_fit"],
            ),
            (
                "Two keys of one name are both refused; entries of no use are skipped",
                &[
                    "two_keys_under_one_name_are_both_refused",
                    "useless_entries_are_passed_over",
                ],
            ),
            (
                "`exp` is there, a finite number, positive",
                &["exp_is_required_and_a_finite_positive_number"],
            ),
            (
                "`nbf` and `iat` are not beyond now; the leeway is a minute",
                &[
                    "nbf_and_iat_are_not_beyond_now_and_the_leeway",
                    "the_leeway_is_a_minute_and_bounded",
                ],
            ),
            (
                "`iss` is the exact text, and one issuer does not vouch for another",
                &[
                    "iss_is_the_exact_text",
                    "an_issuer_does_not_vouch_for_another",
                ],
            ),
            (
                "`aud` holds our resource exactly",
                &["aud_holds_our_resource_exactly"],
            ),
            (
                "`sub` or `client_id` names somebody",
                &["sub_or_client_id_names_somebody"],
            ),
            (
                "`token_use` is absent or `access`",
                &["token_use_is_absent_or_access"],
            ),
            (
                "`cnf` is refused unless possession is checked",
                &[
                    "cnf_is_refused_unless_possession_is_checked",
                    "a_bound_token_is_not_shown_as_if_it_were_not",
                    "a_proof_is_for_this_request_and_this_token",
                ],
            ),
            (
                "Scopes come from `scope` or `scp`; a malformed claim is refused",
                &["scopes_come_from_scope_or_scp_and_a_malformed_claim_is_refused"],
            ),
            (
                "Roles and tenant come from verified claims",
                &["roles_and_tenant_come_from_verified_claims"],
            ),
            (
                "Clocks that jump neither panic nor let tokens live for ever",
                &[
                    "jumps_of_the_clock_neither_panic_nor_let_tokens_live_for_ever",
                    "clocks_that_jump_make_no_token_eternal",
                ],
            ),
        ],
    ),
    (
        "Fetched keys",
        &[
            (
                "At most 64 KiB and 100 keys",
                &["a_set_is_at_most_64_kib_and_100_keys"],
            ),
            (
                "Kept for an hour, or as the answer says within 5 minutes and 24 hours",
                &[
                    "keys_are_fetched_once_and_kept_for_an_hour",
                    "cache_control_counts_within_5_minutes_and_24_hours",
                ],
            ),
            (
                "The cache follows the monotonic clock",
                &["kept_keys_follow_the_monotonic_clock_and_no_jump_of_the_wall_clock"],
            ),
            (
                "An unknown `kid` causes one look per 30 s, for all who ask; failures count",
                &[
                    "an_unknown_kid_causes_one_refresh_per_30_seconds",
                    "callers_that_come_at_once_wait_for_one_look",
                    "failures_count_as_looks_too",
                ],
            ),
            (
                "1,000 unknown `kid`s are remembered, for 5 minutes",
                &[
                    "at_most_1000_unknown_kids_are_remembered_and_the_oldest_makes_room",
                    "unknown_kids_are_remembered_for_five_minutes",
                ],
            ),
            (
                "The last good keys serve for 24 hours, then 503",
                &["the_last_good_keys_serve_for_24_hours_and_then_503"],
            ),
            (
                "Discovered at the issuer that names itself",
                &["keys_are_discovered_at_the_issuer_that_names_itself"],
            ),
        ],
    ),
    (
        "Introspection",
        &[
            (
                "The cache is off by default; answers live no longer than set and than the token",
                &[
                    "the_cache_is_off_by_default",
                    "answers_are_kept_no_longer_than_set_and_than_the_token_is_good",
                ],
            ),
            (
                "Answers are kept under the SHA-256 of the token",
                &["answers_are_kept_under_the_sha_256_of_the_token"],
            ),
            (
                "At most 10,000 answers, inactive ones never",
                &["at_most_10_000_answers_are_kept_and_inactive_ones_never"],
            ),
            (
                "`active` is the boolean true",
                &["active_must_be_the_boolean_true"],
            ),
            (
                "Audience and scopes as those of a token",
                &["audience_and_scopes_are_judged_as_those_of_a_jwt"],
            ),
            (
                "When nobody answers: 503, and no token is blamed",
                &["upstream_down_is_503_and_never_accepts_or_blames_the_token"],
            ),
        ],
    ),
    (
        "Credentials and challenges",
        &[
            (
                "Without credentials: 401 with `resource_metadata` and no `error`",
                &["no_credentials_are_answered_401_with_resource_metadata_and_no_error"],
            ),
            (
                "With bad ones: `invalid_token`",
                &["bad_credentials_are_answered_401_invalid_token"],
            ),
            (
                "Without a scope: 403 with all scopes of the operation",
                &["scope_is_answered_403_with_all_scopes_of_the_operation"],
            ),
            (
                "A token stands in one `Authorization` header: not in the URL, a second header, a cookie, a form",
                &[
                    "a_token_in_the_url_or_a_second_header_is_refused",
                    "a_token_in_a_cookie_is_no_token",
                    "a_token_in_a_form_is_no_token",
                    "a_token_stands_in_one_header",
                ],
            ),
            (
                "Static keys are compared over hashes in constant time",
                &["static_keys_are_compared_over_hashes_in_constant_time"],
            ),
            (
                "The token reaches no handler",
                &[
                    "the_token_never_reaches_a_handler",
                    "the_layer_lets_in_whom_it_knows_and_takes_the_credentials_out",
                ],
            ),
            (
                "Certificates are believed from a trusted proxy alone",
                &["only_a_trusted_proxy_is_believed"],
            ),
        ],
    ),
    (
        "Authorization proxy",
        &[
            (
                "A consent page comes before every redirect to the identity provider",
                &["a_consent_page_comes_before_every_redirect_to_the_identity_provider"],
            ),
            (
                "Remembered by client and redirect URI; off behind a switch called dangerous",
                &[
                    "remembered_consent_is_keyed_by_client_and_redirect_uri",
                    "remembered_consent_does_not_hold_for_another_redirect_uri_of_the_client",
                    "consent_is_off_only_behind_a_switch_that_is_called_dangerous",
                ],
            ),
            (
                "It shows client, redirect host and scopes, and warns of clients on this computer",
                &[
                    "the_consent_page_shows_client_name_redirect_host_and_scopes",
                    "clients_of_this_computer_alone_get_a_warning",
                    "whoever_is_sent_to_this_computer_is_warned_whatever_else_the_client_registered",
                    "the_names_of_clients_cannot_leave_their_place",
                ],
            ),
            (
                "The form has a token, and a `__Host-` cookie to it",
                &[
                    "the_form_needs_its_token_and_its_cookie",
                    "the_token_of_one_form_opens_no_other",
                    "cookies_of_a_host_are_closed_to_everybody_else",
                ],
            ),
            (
                "Pages cannot be framed",
                &["pages_cannot_be_framed_kept_or_sniffed"],
            ),
            (
                "The cookie is signed, set on approval alone, bound to its transaction, used once, for ten minutes",
                &[
                    "the_cookie_is_set_only_on_approval",
                    "the_cookie_is_bound_to_its_transaction",
                    "a_transaction_is_used_once",
                    "a_transaction_lives_ten_minutes_sealed_in_the_store",
                    "a_signature_holds_for_one_name_and_one_value",
                ],
            ),
            (
                "`state` has 256 random bits",
                &["the_state_to_the_provider_has_256_random_bits_and_is_not_the_clients"],
            ),
            (
                "PKCE with S256 is required of clients",
                &["pkce_s256_is_required_from_clients"],
            ),
            (
                "PKCE towards the provider, with a verifier of its own",
                &["a_code_is_worth_nothing_without_the_verifier_of_its_login"],
            ),
            (
                "Duplicate parameters, `request`, `request_uri`, other response types and modes are refused",
                &[
                    "duplicate_parameters_are_refused",
                    "request_and_request_uri_are_refused",
                    "other_response_types_and_modes_are_refused",
                ],
            ),
            (
                "A bad client or redirect URI is an error page, never a redirect",
                &[
                    "a_bad_client_is_an_error_page_and_never_a_redirect",
                    "a_bad_redirect_uri_is_an_error_page_and_never_a_redirect",
                ],
            ),
            (
                "`iss` is in every redirect exactly once",
                &["state_is_echoed_and_iss_is_in_every_redirect_exactly_once"],
            ),
            (
                "Codes have 256 bits and live for 60 s",
                &["codes_have_256_bits_and_live_for_60_seconds"],
            ),
            (
                "A code is taken once, whoever comes at once, on one replica or two",
                &[
                    "of_many_who_come_with_a_code_at_once_one_gets_tokens",
                    "two_replicas_take_one_code_at_the_same_time_over_redis",
                    "two_processes_that_get_a_code_at_once_issue_tokens_once_at_most",
                ],
            ),
            (
                "A code is bound to client, redirect URI, resource and challenge",
                &["a_code_is_bound_to_client_redirect_uri_resource_and_challenge"],
            ),
            (
                "Reuse of a code revokes what was issued",
                &[
                    "reuse_of_a_code_revokes_what_was_issued",
                    "a_second_use_is_noticed_as_long_as_what_was_issued_may_be_valid",
                    "a_login_goes_on_at_the_other_replica_and_reuse_is_noticed_there",
                ],
            ),
            (
                "`resource` is ours, and so is the audience",
                &[
                    "resource_must_be_ours",
                    "the_issued_audience_is_our_resource_and_upstream_tokens_stay_here",
                ],
            ),
            (
                "Tokens are references; those of the provider never leave",
                &[
                    "a_code_becomes_tokens_that_nobody_keeps",
                    "the_issued_audience_is_our_resource_and_upstream_tokens_stay_here",
                    "upstream_tokens_are_sealed_and_handed_out_to_a_tool_that_asks_alone",
                ],
            ),
            (
                "Access for an hour, refresh for 30 days",
                &["access_tokens_live_one_hour_and_refresh_tokens_30_days"],
            ),
            (
                "Refresh tokens rotate, with ten seconds of grace for retries",
                &[
                    "refresh_tokens_are_rotated",
                    "a_retry_within_ten_seconds_gets_the_same_refresh_token_again",
                    "there_is_no_grace_for_a_token_whose_successor_was_used",
                ],
            ),
        ],
    ),
    (
        "Registration",
        &[
            ("At most 16 KiB", &["registration_takes_16_kib_at_most"]),
            (
                "At most 10 redirect URIs",
                &["registration_takes_10_redirect_uris_at_most_and_one_at_least"],
            ),
            (
                "Names of 200 characters, without control or direction",
                &["registration_takes_names_of_200_characters_without_control_or_direction"],
            ),
            (
                "10 per minute and address",
                &[
                    "an_address_registers_10_clients_a_minute",
                    "all_together_register_10000_clients_a_day_and_one_address_a_tenth",
                ],
            ),
            (
                "Clients that are not used expire after 30 days",
                &["a_client_that_is_not_used_expires_after_30_days"],
            ),
            (
                "A URL of a client is `https` with a path, without fragment, userinfo or dot segments",
                &["a_url_client_id_is_https_with_a_path_and_nothing_else"],
            ),
            (
                "Its document has at most 5 KiB, names itself byte for byte, has a name and redirect URIs, no wildcards, no shared secret",
                &["a_document_that_breaks_a_rule_is_refused"],
            ),
            (
                "It is fetched over the public internet without redirects",
                &[
                    "what_is_no_document_is_refused_and_asked_for_again_after_30_s",
                    "only_tls_at_port_443_leaves_this_machine",
                    "a_name_that_leads_to_this_machine_is_not_asked",
                ],
            ),
            (
                "The logo is never fetched",
                &["the_logo_of_a_client_is_never_fetched"],
            ),
            (
                "At most 1,000 documents are kept",
                &[
                    "at_most_1000_documents_are_kept",
                    "documents_are_cached_as_http_says",
                ],
            ),
        ],
    ),
    (
        "Redirect URIs",
        &[
            (
                "At most 2,048 bytes",
                &["registration_refuses_more_than_2048_bytes"],
            ),
            (
                "No non-ASCII, controls, spaces, backslashes",
                &["registration_refuses_non_ascii_controls_spaces_and_backslashes"],
            ),
            (
                "No fragment, not even an empty one",
                &["registration_refuses_fragments_even_empty_ones"],
            ),
            ("No wildcards", &["registration_refuses_wildcards"]),
            ("No userinfo", &["registration_refuses_userinfo"]),
            (
                "No dot segments, also encoded",
                &["registration_refuses_dot_segments_also_encoded"],
            ),
            (
                "No encoded or malformed host, no bad port, a host",
                &[
                    "registration_refuses_encoded_or_malformed_hosts",
                    "registration_refuses_bad_ports",
                    "registration_refuses_uris_without_a_host",
                ],
            ),
            (
                "No scheme that leads to no client",
                &["registration_refuses_schemes_that_lead_to_no_client"],
            ),
            (
                "No `http` but canonical loopback",
                &["registration_refuses_http_except_canonical_loopback"],
            ),
            (
                "For `web`, nothing but `https` on a public host",
                &["registration_of_web_clients_refuses_anything_but_https_on_a_public_host"],
            ),
            (
                "Matching is equality, but for the port of loopback",
                &[
                    "matching_is_byte_equality_except_for_the_port_of_loopback",
                    "the_port_of_loopback_varies",
                ],
            ),
            (
                "The token endpoint takes the exact URI of the request",
                &["a_loopback_client_exchanges_with_the_exact_uri_of_its_request"],
            ),
            (
                "Patterns compare parsed parts",
                &[
                    "patterns_compare_parsed_parts",
                    "patterns_that_would_mean_too_much_are_refused",
                    "a_pattern_allows_its_own_hosts_alone",
                ],
            ),
        ],
    ),
    (
        "Storage",
        &[
            (
                "Records are sealed, and looked up by the SHA-256 of the token",
                &["records_are_sealed_and_looked_up_by_the_sha_256_of_the_token"],
            ),
            (
                "Nonces are random",
                &["nonces_are_random_so_equal_records_look_different"],
            ),
            (
                "Records cannot be swapped",
                &[
                    "records_cannot_be_swapped_between_keys_or_collections",
                    "families_cannot_be_swapped_in_the_store",
                ],
            ),
            (
                "No changed byte opens",
                &["no_changed_byte_of_a_record_opens"],
            ),
            (
                "Keys rotate",
                &[
                    "a_rotated_key_still_opens_and_a_removed_one_does_not",
                    "tokens_of_a_rotated_key_stay_valid_and_those_of_a_removed_one_do_not",
                ],
            ),
            (
                "Keys have 32 bytes, come from configuration, and differ by purpose",
                &[
                    "keys_have_at_least_32_bytes_and_come_from_configuration",
                    "each_purpose_has_a_key_of_its_own",
                ],
            ),
            (
                "Secrets print as `[redacted]` and are wiped",
                &[
                    "secrets_print_as_redacted",
                    "a_secret_is_wiped_from_memory_when_it_is_dropped",
                ],
            ),
            (
                "A process that is killed loses nothing that it told",
                &["a_replica_that_is_killed_loses_nothing_that_it_told"],
            ),
            (
                "A store that is down grants nothing",
                &[
                    "nothing_is_granted_while_the_store_is_down",
                    "while_the_store_is_down_nothing_is_accepted_and_nothing_is_lost",
                ],
            ),
        ],
    ),
    (
        "Clients",
        &[
            (
                "`iss` is held against the recorded issuer",
                &["the_issuer_is_held_against_the_recorded_one_byte_by_byte"],
            ),
            (
                "Metadata names the issuer that was asked",
                &[
                    "metadata_of_another_issuer_is_refused",
                    "metadata_about_another_resource_is_refused",
                ],
            ),
            (
                "Without S256 nothing begins",
                &["a_server_that_does_not_offer_pkce_is_refused"],
            ),
            (
                "What is stored is kept by issuer",
                &[
                    "every_secret_is_kept_under_the_issuer_it_came_from",
                    "nothing_of_one_issuer_is_shown_to_another",
                ],
            ),
            (
                "Browsers are opened without a shell, for web pages alone",
                &[
                    "a_program_is_given_the_url_as_it_is",
                    "only_web_pages_are_opened",
                ],
            ),
            (
                "A refusal tells what the server says, and repeats no credentials",
                &["a_refusal_says_what_the_server_says_in_a_message_and_repeats_no_credentials"],
            ),
        ],
    ),
    (
        "Secrets and abuse",
        &[
            (
                "No login leaves a secret in logs, spans, events, answers or panics",
                &[
                    "no_login_leaves_a_canary_anywhere",
                    "no_password_leaves_a_canary_anywhere",
                    "no_panic_leaves_a_canary_anywhere",
                    "canaries_are_seen_nowhere",
                    "no_login_leaves_a_secret_in_the_log_or_in_an_error",
                    "no_secret_of_a_request_comes_out_anywhere",
                ],
            ),
            (
                "No public type prints one",
                &[
                    "no_public_type_prints_a_canary",
                    "every_public_type_is_shown_or_said_to_hold_no_secret",
                ],
            ),
            (
                "Guesses lock a name, and guesses at once are few",
                &[
                    "five_failures_lock_the_name_for_this_address",
                    "guesses_at_once_are_no_more_than_a_few",
                    "whoever_guesses_behind_an_address_locks_nobody_out_who_is_known_there",
                ],
            ),
            (
                "Refusals are told, with a bound",
                &[
                    "refusals_are_told_and_a_flood_of_them_is_not",
                    "one_address_fills_no_log_and_hides_nobody",
                ],
            ),
        ],
    ),
];
