//! The decision which revision to speak, as a state machine without input or output.
//!
//! Rules (2026-07-28, versioning): a discovery result, or one of the errors that only the
//! stateless era has, proves that era. Everything else that is an *answer* leads to `initialize`.
//! A status of HTTP that refuses even that leads to the transport of 2024-11-05. That the network failed is never a verdict.

use purlin_core::protocol::{DiscoverResult, ErrorCode, ErrorObject, InitializeResult, Meta};
use purlin_core::wire::Revision;

use super::{About, Agreement, Era};
use crate::error::ClientError;

/// What to do next.
#[derive(Debug)]
pub(super) enum Step {
    Discover(Revision),
    Initialize(Revision),
    /// Open the transport of revision 2024-11-05.
    FallBack,
    Agreed(Box<Agreement>),
    Failed(ClientError),
}

/// What the server did.
#[derive(Debug)]
pub(super) enum Seen {
    Discovered(DiscoverResult),
    Initialized(InitializeResult),
    /// The older transport is open.
    FellBack,
    /// It answered with an error object.
    Refused(ErrorObject),
    /// It did not answer in time, or with something that is no protocol message.
    Nothing(ClientError),
}

pub(super) struct Probe {
    era: Era,
    asked: Asked,
    /// Whether the server proved that it speaks the stateless era.
    stateless: bool,
    /// Whether the first question was chosen by what the server said another time.
    remembered: bool,
    /// Why the greeting failed on the newer transport, once the older one is tried.
    unheard: Option<ClientError>,
    /// Rounds left: a server that keeps naming other versions is not followed for ever.
    rounds: u8,
}

#[derive(Clone, Copy)]
enum Asked {
    Discover(Revision),
    Initialize(Revision),
    FallBack(Revision),
}

impl Probe {
    /// `had_sessions`: the server was of the session era not long ago.
    pub(super) fn new(era: Era, had_sessions: bool) -> (Self, Step) {
        let remembered = had_sessions && era == Era::Auto;
        let asked = match era {
            Era::Auto if remembered => Asked::Initialize(Revision::LATEST_SESSION),
            Era::Auto | Era::Stateless => Asked::Discover(Revision::LATEST),
            Era::Session => Asked::Initialize(Revision::LATEST_SESSION),
            Era::Exactly(revision) if revision.is_modern() => Asked::Discover(revision),
            Era::Exactly(revision) => Asked::Initialize(revision),
        };
        let probe = Self {
            era,
            asked,
            stateless: false,
            remembered,
            unheard: None,
            rounds: 4,
        };
        let step = probe.step();
        (probe, step)
    }

    fn step(&self) -> Step {
        match self.asked {
            Asked::Discover(revision) => Step::Discover(revision),
            Asked::Initialize(revision) => Step::Initialize(revision),
            Asked::FallBack(_) => Step::FallBack,
        }
    }

    fn ask(&mut self, asked: Asked) -> Step {
        match self.rounds.checked_sub(1) {
            Some(left) => {
                self.rounds = left;
                self.asked = asked;
                self.step()
            }
            None => Step::Failed(ClientError::protocol(
                "the server agrees to no revision it names",
            )),
        }
    }

    pub(super) fn next(&mut self, seen: Seen) -> Step {
        let remembered = std::mem::take(&mut self.remembered);
        match (self.asked, seen) {
            // The server is not what it was; so it is asked.
            (_, Seen::Refused(_) | Seen::Nothing(_)) if remembered => {
                self.ask(Asked::Discover(Revision::LATEST))
            }
            (Asked::Discover(revision), Seen::Discovered(result)) => {
                self.discovered(revision, result)
            }
            (Asked::Discover(revision), Seen::Refused(error)) => {
                self.discovery_refused(revision, error)
            }
            (Asked::Discover(revision), Seen::Nothing(error)) => match self.era {
                Era::Auto => self.ask(Asked::Initialize(Revision::LATEST_SESSION)),
                _ if is_older(&error) => Step::Failed(not_spoken(revision, &error)),
                _ => Step::Failed(error),
            },
            (Asked::Initialize(revision), Seen::Initialized(result)) => {
                self.initialized(revision, result)
            }
            // The server locked itself into the stateless era: it answered the discovery after all,
            // but later than we waited.
            (Asked::Initialize(_), Seen::Refused(error))
                if error.code == ErrorCode::UNSUPPORTED_PROTOCOL_VERSION
                    && self.era == Era::Auto =>
            {
                self.choose(&supported(&error))
            }
            (Asked::Initialize(revision), Seen::Refused(error)) => {
                Step::Failed(greeting_refused(revision, error))
            }
            (Asked::Initialize(revision), Seen::Nothing(error))
                if is_older(&error) && self.unheard.is_none() =>
            {
                self.unheard = Some(error);
                self.ask(Asked::FallBack(revision))
            }
            (Asked::Initialize(_), Seen::Nothing(error)) => Step::Failed(error),
            (Asked::FallBack(revision), Seen::FellBack) => self.ask(Asked::Initialize(revision)),
            // There is no older transport either: what the newer one said tells more.
            (Asked::FallBack(_), Seen::Nothing(error)) => {
                Step::Failed(self.unheard.take().unwrap_or(error))
            }
            (Asked::FallBack(_), Seen::Refused(error)) => Step::Failed(error.into()),
            (_, Seen::Discovered(_) | Seen::Initialized(_) | Seen::FellBack) => {
                Step::Failed(ClientError::protocol("an answer to another question"))
            }
        }
    }

    fn discovered(&mut self, asked: Revision, result: DiscoverResult) -> Step {
        self.stateless = true;
        let known = parse(&result.supported_versions);
        let revision = match known
            .iter()
            .copied()
            .filter(|revision| revision.is_modern())
            .max()
        {
            _ if known.contains(&asked) => asked,
            // Lenient: it answered in this revision, so it speaks it.
            None if result.supported_versions.is_empty() => asked,
            Some(newest) if !matches!(self.era, Era::Exactly(_)) => newest,
            _ if self.era == Era::Auto && known.iter().any(|revision| !revision.is_modern()) => {
                return self.ask(Asked::Initialize(Revision::LATEST_SESSION));
            }
            _ => return Step::Failed(no_common(&result.supported_versions)),
        };
        let server = result
            .meta
            .as_ref()
            .map(Meta::server_info)
            .and_then(Result::ok)
            .flatten();
        let about = About {
            server,
            capabilities: result.capabilities,
            instructions: result.instructions,
        };
        Step::Agreed(Box::new(Agreement { revision, about }))
    }

    fn discovery_refused(&mut self, asked: Revision, error: ErrorObject) -> Step {
        let proves_stateless = matches!(
            error.code,
            ErrorCode::HEADER_MISMATCH
                | ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY
                | ErrorCode::UNSUPPORTED_PROTOCOL_VERSION
        );
        if error.code == ErrorCode::UNSUPPORTED_PROTOCOL_VERSION {
            self.stateless = true;
            return self.choose(&supported(&error));
        }
        // A server that broke down over the question has not said which era it speaks.
        let says_nothing = self.era != Era::Auto && error.code == ErrorCode::INTERNAL_ERROR;
        if proves_stateless || self.stateless || says_nothing {
            return Step::Failed(error.into());
        }
        if self.era != Era::Auto {
            return Step::Failed(not_spoken(asked, &error.into()));
        }
        self.ask(Asked::Initialize(Revision::LATEST_SESSION))
    }

    /// Picks from what the server says it supports: the newest stateless revision, else the
    /// newest of the session era.
    fn choose(&mut self, versions: &[String]) -> Step {
        if matches!(self.era, Era::Exactly(_)) {
            return Step::Failed(no_common(versions));
        }
        let known = parse(versions);
        let newest = known.iter().copied().max();
        match newest {
            Some(revision) if revision.is_modern() => self.ask(Asked::Discover(revision)),
            Some(revision) if self.era == Era::Auto => self.ask(Asked::Initialize(revision)),
            _ => Step::Failed(no_common(versions)),
        }
    }

    fn initialized(&self, asked: Revision, result: InitializeResult) -> Step {
        let agreed = match result.protocol_version.parse::<Revision>() {
            Ok(revision) if revision == asked => revision,
            Ok(revision) if !revision.is_modern() && !matches!(self.era, Era::Exactly(_)) => {
                revision
            }
            _ => return Step::Failed(no_common(&[result.protocol_version])),
        };
        let about = About {
            server: Some(result.server_info),
            capabilities: result.capabilities,
            instructions: result.instructions,
        };
        let revision = agreed;
        Step::Agreed(Box::new(Agreement { revision, about }))
    }
}

/// Whether this is how a server refuses a greeting that only knows HTTP+SSE.
fn is_older(error: &ClientError) -> bool {
    matches!(error.status(), Some(400 | 404 | 405))
}

fn parse(versions: &[String]) -> Vec<Revision> {
    versions
        .iter()
        .filter_map(|version| version.parse().ok())
        .collect()
}

fn supported(error: &ErrorObject) -> Vec<String> {
    let list = error.data.as_ref().and_then(|data| data.get("supported"));
    let texts = list.and_then(|list| list.as_array()).into_iter().flatten();
    texts
        .filter_map(|version| version.as_str().map(str::to_owned))
        .collect()
}

/// What a refused `initialize` means where nothing else may be asked.
fn greeting_refused(asked: Revision, error: ErrorObject) -> ClientError {
    match error.code {
        ErrorCode::UNSUPPORTED_PROTOCOL_VERSION => no_common(&supported(&error)),
        ErrorCode::METHOD_NOT_FOUND => not_spoken(asked, &error.into()),
        _ => error.into(),
    }
}

fn not_spoken(asked: Revision, answer: &ClientError) -> ClientError {
    ClientError::unsupported(format!("the server does not speak {asked}: {answer}"))
}

fn no_common(versions: &[String]) -> ClientError {
    ClientError::unsupported(format!(
        "no revision in common: the server speaks {}",
        if versions.is_empty() {
            "none that it names".to_owned()
        } else {
            versions.join(", ")
        }
    ))
}

#[cfg(test)]
mod tests {
    use purlin_core::protocol::{Implementation, ServerCapabilities};
    use serde_json::json;

    use super::*;

    fn discovered(versions: &[&str]) -> Seen {
        Seen::Discovered(serde_json::from_value(json!({"supportedVersions": versions})).unwrap())
    }

    fn initialized(version: &str) -> Seen {
        let server = Implementation::new("s", "1");
        Seen::Initialized(InitializeResult::new(
            version,
            ServerCapabilities::default(),
            server,
        ))
    }

    fn refused(code: i64, supported: &[&str]) -> Seen {
        let data = json!({"supported": supported, "requested": "2026-07-28"});
        Seen::Refused(ErrorObject::new(code, "no").with_data(data))
    }

    /// Plays the server's moves and says how the probe ends: each step in short.
    fn check(era: Era, moves: impl IntoIterator<Item = Seen>, expected: &[&str]) {
        let (mut probe, mut step) = Probe::new(era, false);
        let mut steps = vec![short(&step)];
        for seen in moves {
            step = probe.next(seen);
            steps.push(short(&step));
        }
        assert_eq!(steps, expected, "{step:?}");
    }

    fn short(step: &Step) -> String {
        match step {
            Step::Discover(revision) => format!("discover {revision}"),
            Step::Initialize(revision) => format!("initialize {revision}"),
            Step::FallBack => "fall back".to_owned(),
            Step::Agreed(agreement) => format!("agreed {}", agreement.revision),
            Step::Failed(_) => "failed".to_owned(),
        }
    }

    #[test]
    fn a_stateless_server_is_found_in_one_step() {
        check(
            Era::Auto,
            [discovered(&["2026-07-28", "2025-11-25"])],
            &["discover 2026-07-28", "agreed 2026-07-28"],
        );
    }

    #[test]
    fn any_other_error_leads_to_the_handshake() {
        for code in [-32601, -32602, -32600, -32000, -32001, 7] {
            check(
                Era::Auto,
                [refused(code, &[]), initialized("2025-06-18")],
                &[
                    "discover 2026-07-28",
                    "initialize 2025-11-25",
                    "agreed 2025-06-18",
                ],
            );
        }
    }

    #[test]
    fn silence_leads_to_the_handshake() {
        check(
            Era::Auto,
            [
                Seen::Nothing(ClientError::closed()),
                initialized("2025-11-25"),
            ],
            &[
                "discover 2026-07-28",
                "initialize 2025-11-25",
                "agreed 2025-11-25",
            ],
        );
    }

    #[test]
    fn a_server_that_had_sessions_is_greeted_at_once_and_asked_if_it_has_none() {
        let (mut probe, step) = Probe::new(Era::Auto, true);
        assert_eq!(short(&step), "initialize 2025-11-25");
        let step = probe.next(refused(-32601, &[]));
        assert_eq!(short(&step), "discover 2026-07-28");
        let step = probe.next(discovered(&["2026-07-28"]));
        assert_eq!(short(&step), "agreed 2026-07-28");
        let (_, step) = Probe::new(Era::Stateless, true);
        assert_eq!(short(&step), "discover 2026-07-28");
    }

    #[test]
    fn an_error_of_the_stateless_era_forbids_the_handshake() {
        check(
            Era::Auto,
            [refused(-32020, &[])],
            &["discover 2026-07-28", "failed"],
        );
        check(
            Era::Auto,
            [refused(-32021, &[])],
            &["discover 2026-07-28", "failed"],
        );
    }

    #[test]
    fn a_server_of_later_revisions_only_is_given_up() {
        check(
            Era::Auto,
            [refused(-32022, &["2099-01-01"])],
            &["discover 2026-07-28", "failed"],
        );
    }

    #[test]
    fn a_server_that_names_only_sessions_gets_the_handshake_it_names() {
        check(
            Era::Auto,
            [refused(-32022, &["2025-06-18"]), initialized("2025-06-18")],
            &[
                "discover 2026-07-28",
                "initialize 2025-06-18",
                "agreed 2025-06-18",
            ],
        );
    }

    #[test]
    fn a_server_that_woke_up_late_is_probed_again() {
        check(
            Era::Auto,
            [
                Seen::Nothing(ClientError::closed()),
                refused(-32022, &["2026-07-28"]),
                discovered(&["2026-07-28"]),
            ],
            &[
                "discover 2026-07-28",
                "initialize 2025-11-25",
                "discover 2026-07-28",
                "agreed 2026-07-28",
            ],
        );
    }

    #[test]
    fn a_server_that_never_agrees_is_given_up() {
        let moves = std::iter::repeat_with(|| refused(-32022, &["2026-07-28"])).take(5);
        let all = ["discover 2026-07-28"; 5];
        check(Era::Auto, moves, &[&all[..], &["failed"]].concat());
    }

    #[test]
    fn a_pinned_revision_takes_no_other() {
        check(
            Era::Exactly(Revision::V2025_06_18),
            [initialized("2025-03-26")],
            &["initialize 2025-06-18", "failed"],
        );
        check(
            Era::Session,
            [initialized("2026-07-28")],
            &["initialize 2025-11-25", "failed"],
        );
        check(
            Era::Stateless,
            [refused(-32601, &[])],
            &["discover 2026-07-28", "failed"],
        );
    }
}
