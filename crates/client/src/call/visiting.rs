//! A call that is refused until the user has visited a URL (specification 2025-11-25,
//! "Elicitation", "URL elicitation required error").

use std::time::Duration;

use purlin_core::protocol::{ElicitAction, ElicitRequest, ElicitUrl, InputRequest, InputResponse};

use super::attempt::Call;
use crate::error::ClientError;
use crate::visits::Visit;

/// A server that refuses a call more often than this wants visits for ever.
const MOST_ROUNDS: u32 = 10;
/// How many URLs one refusal may name.
const MOST_URLS: usize = 16;
/// How long the server may take to tell that the visits are complete. It need not tell at all, so
/// the call is then made again to see.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the user was sent because of one call.
#[derive(Default)]
pub(super) struct Visited {
    rounds: u32,
    visits: Vec<Visit>,
}

impl Call<'_> {
    /// Has the user visit what the server wants visited before the call, and gives them time for
    /// it. False when the refusal is of another kind or somebody does not want it: then it stays.
    pub(super) async fn visit(&self, refusal: &ClientError, visited: &mut Visited) -> bool {
        let urls = refusal.required_urls();
        if self.client.0.is_stateless()
            || urls.is_empty()
            || urls.len() > MOST_URLS
            || visited.rounds == MOST_ROUNDS
        {
            return false;
        }
        visited.rounds += 1;
        let mut ids = Vec::with_capacity(urls.len());
        for url in urls {
            let Some(id) = url.elicitation_id.clone() else {
                return false;
            };
            if !visited.knows(&id) {
                let visit = self.client.0.inbox.visits.expect(id.clone());
                if !self.consents(url).await {
                    return false;
                }
                visited.visits.push(visit);
            }
            ids.push(id);
        }
        if tokio::time::timeout(PATIENCE, visited.completed(&ids))
            .await
            .is_err()
        {
            tracing::debug!("the server does not tell whether the visits are complete");
        }
        true
    }

    async fn consents(&self, url: ElicitUrl) -> bool {
        let question = InputRequest::Elicit(ElicitRequest::Url(url));
        let relay = self.observers.questions.as_ref();
        match self.client.0.inbox.answer(question, relay).await {
            Ok(InputResponse::Elicit(answer)) => answer.action == ElicitAction::Accept,
            Ok(_) => false,
            Err(problem) => {
                tracing::debug!(%problem, "nobody was sent to the URL of a refusal");
                false
            }
        }
    }
}

impl Visited {
    fn knows(&self, id: &str) -> bool {
        self.visits.iter().any(|visit| visit.id() == id)
    }

    async fn completed(&mut self, ids: &[String]) {
        for visit in &mut self.visits {
            if ids.iter().any(|id| id == visit.id()) {
                visit.completed().await;
            }
        }
    }
}
