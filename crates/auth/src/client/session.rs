//! What is known of one MCP server, and what follows from each refusal.
//!
//! - Refused with 401: the place is looked for anew, as servers move to other authorization
//!   servers. Tokens of another issuer are not used any more. Then the tokens are refreshed, or
//!   obtained; a token that is refused before it was ever accepted is not obtained again.
//! - Refused with 403 and `insufficient_scope`: tokens are obtained for everything that was asked
//!   for before and what is asked for now. Once for each scope: who still refuses then means it.

use std::net::IpAddr;

use purlin_client::http::Reach;

use super::Result;
use super::challenge::Challenge;
use super::discovery::{self, Place};
use super::error::{AuthError, AuthErrorKind};
use super::flow::{Flow, Granted, Request};
use super::scopes::Scopes;
use super::store::{Key, Records, Visited};
use super::token::{Nonces, ProofKey, Tokens};
use super::web::Web;

#[derive(Debug)]
pub(super) struct Session {
    pub(super) web: Web,
    pub(super) flow: Flow,
    pub(super) records: Records,
    /// Where we are, once somebody refused us.
    place: Option<Place>,
    /// Where the tokens are kept, and what for.
    visited: Option<Visited>,
    held: Option<Held>,
    /// The scopes that were asked for because of a 403.
    stepped: Scopes,
    /// Whether the store was asked.
    recalled: bool,
    /// Where the server may send us to, if that does not depend on where it is.
    reach: Option<Reach>,
}

/// Tokens, and how they came here.
#[derive(Debug)]
struct Held {
    tokens: Tokens,
    key: Option<ProofKey>,
    source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Stored,
    Refreshed,
    Obtained,
}

/// What a refusal is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused<'a> {
    pub(super) server: &'a str,
    pub(super) challenge: &'a Challenge,
    /// Whether the token was accepted before.
    pub(super) accepted: bool,
    pub(super) nonces: &'a Nonces,
    /// The address that the server answered from, if it is known.
    pub(super) peer: Option<IpAddr>,
}

impl Session {
    pub(super) fn new(web: Web, flow: Flow, records: Records, reach: Option<Reach>) -> Self {
        Self {
            web,
            flow,
            records,
            place: None,
            visited: None,
            held: None,
            stepped: Scopes::default(),
            recalled: false,
            reach,
        }
    }

    /// Where a server at this address may send us to.
    fn granted(&self, peer: Option<IpAddr>) -> Reach {
        self.reach.unwrap_or_else(|| Reach::granted_by(peer))
    }

    /// The tokens to use, and the key that they are bound to.
    pub(super) fn tokens(&self) -> Option<(&Tokens, Option<&ProofKey>)> {
        self.held
            .as_ref()
            .map(|held| (&held.tokens, held.key.as_ref()))
    }

    /// Gets ready for a request: recalls what was stored, and refreshes what is over.
    ///
    /// # Errors
    /// When the store cannot be read, or the authorization server not be reached.
    pub(super) async fn prepare(&mut self, server: &str, nonces: &Nonces) -> Result<()> {
        if !self.recalled {
            self.visited = self.records.load(&Key::Server { url: server }).await?;
            self.recall().await?;
            self.recalled = true;
        }
        if self.held.as_ref().is_some_and(|held| held.tokens.is_over())
            && !self.refresh(nonces).await?
        {
            // Without a token, the server says what it wants.
            self.held = None;
        }
        Ok(())
    }

    /// What to do about a 401; gives whether there are other tokens now.
    ///
    /// # Errors
    /// When no tokens can be obtained.
    pub(super) async fn unauthorized(&mut self, refused: Refused<'_>) -> Result<bool> {
        let place = self.discover(refused).await?;
        self.move_to(place);
        match self.held.as_ref().map(|held| held.source) {
            Some(Source::Obtained) if !refused.accepted => {
                let message = "the server refuses the token that was issued for it";
                return Err(AuthError::new(AuthErrorKind::Denied, message));
            }
            Some(Source::Refreshed) if !refused.accepted => {}
            Some(_) if self.refresh(refused.nonces).await? => return Ok(true),
            _ => {}
        }
        let scopes = self.demanded(refused.challenge);
        self.obtain(refused, scopes).await?;
        Ok(true)
    }

    /// What to do about a 403 that names missing scopes.
    ///
    /// # Errors
    /// When no tokens can be obtained.
    pub(super) async fn forbidden(&mut self, refused: Refused<'_>) -> Result<bool> {
        let place = self.discover(refused).await?;
        self.move_to(place);
        let demanded = self.demanded(refused.challenge);
        if self.stepped.contains_all(&demanded) {
            return Ok(false);
        }
        self.stepped = self.stepped.union(&demanded);
        self.obtain(refused, demanded).await?;
        Ok(true)
    }

    async fn discover(&mut self, refused: Refused<'_>) -> Result<Place> {
        self.web = self.web.within(self.granted(refused.peer));
        let issuer = self.flow.issuer();
        discovery::discover(&self.web, refused.server, refused.challenge, issuer).await
    }

    /// The scopes that would do: as the challenge says, else all of the resource.
    fn demanded(&self, challenge: &Challenge) -> Scopes {
        let named = challenge.scopes();
        match &self.place {
            Some(place) if named.is_empty() => place.scopes.clone(),
            _ => named,
        }
    }

    /// Takes the place that is in charge now. What belongs to another one stays there.
    fn move_to(&mut self, place: Place) {
        let stays = self.visited.as_ref().is_none_or(|visited| {
            visited.issuer == place.issuer() && visited.resource == place.resource
        });
        if !stays {
            self.visited = None;
            self.held = None;
            self.stepped = Scopes::default();
        }
        self.place = Some(place);
    }

    /// Reads the tokens of the place from the store.
    async fn recall(&mut self) -> Result<()> {
        let Some(visited) = &self.visited else {
            return Ok(());
        };
        let reach = self.reach.unwrap_or_else(|| visited.reach());
        self.web = self.web.within(reach);
        let Some(tokens) = self.records.load::<Tokens>(&visited.tokens()).await? else {
            return Ok(());
        };
        self.held = Some(Held {
            key: tokens.key.clone().map(ProofKey::restore).transpose()?,
            tokens,
            source: Source::Stored,
        });
        Ok(())
    }

    /// Renews the tokens without the user; gives whether that went well.
    async fn refresh(&mut self, nonces: &Nonces) -> Result<bool> {
        let (Some(visited), Some(held)) = (&self.visited, &self.held) else {
            return Ok(false);
        };
        if held.tokens.refresh.is_none() {
            return Ok(false);
        }
        let place = match &self.place {
            Some(place) => place.clone(),
            None => Place {
                server: match discovery::metadata(&self.web, &visited.issuer).await {
                    Ok(server) => server,
                    // A refusal says more than the store: where it is now, or that it never had any.
                    Err(error) if error.kind() != AuthErrorKind::Network => return Ok(false),
                    Err(error) => return Err(error),
                },
                resource: visited.resource.clone(),
                scopes: Scopes::default(),
                wants_proof: held.key.is_some(),
            },
        };
        let request = Request {
            web: &self.web,
            place: &place,
            records: &self.records,
            scopes: &visited.asked,
            proof: held.key.as_ref().map(|key| (key, nonces)),
        };
        let renewed = self
            .flow
            .refresh(request, &visited.client, &held.tokens)
            .await?;
        let Some(tokens) = renewed else {
            self.records.remove(&visited.tokens()).await?;
            return Ok(false);
        };
        self.records.save(&visited.tokens(), &tokens).await?;
        let key = self.held.take().and_then(|held| held.key);
        self.held = Some(Held {
            tokens,
            key,
            source: Source::Refreshed,
        });
        Ok(true)
    }

    /// Obtains tokens for these scopes and all that were asked for before.
    async fn obtain(&mut self, refused: Refused<'_>, scopes: Scopes) -> Result<()> {
        let Some(place) = &self.place else {
            return Ok(());
        };
        let before = self.visited.as_ref().map(|visited| &visited.asked);
        let asked = before.map_or(scopes.clone(), |before| before.union(&scopes));
        let key = self.proof_key(place)?;
        let request = Request {
            web: &self.web,
            place,
            records: &self.records,
            scopes: &asked,
            proof: key.as_ref().map(|key| (key, refused.nonces)),
        };
        let Granted { client, tokens } = self.flow.obtain(request).await?;
        let visited = Visited {
            issuer: place.issuer().to_owned(),
            resource: place.resource.clone(),
            client,
            asked,
            everywhere: self.granted(refused.peer) == Reach::Anywhere,
        };
        self.records.save(&visited.tokens(), &tokens).await?;
        self.records
            .save(
                &Key::Server {
                    url: refused.server,
                },
                &visited,
            )
            .await?;
        self.visited = Some(visited);
        self.held = Some(Held {
            tokens,
            key,
            source: Source::Obtained,
        });
        Ok(())
    }

    /// The key to bind tokens to, where the server wants that.
    ///
    /// # Errors
    /// When the authorization server cannot bind them to the keys we have.
    fn proof_key(&self, place: &Place) -> Result<Option<ProofKey>> {
        if !place.wants_proof {
            return Ok(None);
        }
        let algorithms = &place.server.dpop_signing_alg_values_supported;
        if !algorithms.iter().any(|algorithm| algorithm == "ES256") {
            let message = "the authorization server binds no tokens to ES256 keys";
            return Err(AuthError::new(AuthErrorKind::Unsupported, message));
        }
        match self.held.as_ref().and_then(|held| held.tokens.key.clone()) {
            Some(stored) => ProofKey::restore(stored).map(Some),
            None => ProofKey::generate().map(Some),
        }
    }
}
