//! The web, as far as clients say what there is to fetch.

use std::{fmt, sync::Arc};

use http::{Request, Response};
use purlin_core::BoxFuture;

use crate::{
    authorization_server::storage::{Limit, Limits},
    fetch::{Fetch, FetchError},
};

/// Fetches what strangers name: their documents and their keys. However many of them name places at
/// one host, it is asked 120 times a minute at most, so that nobody is attacked through us.
pub(super) struct OfClients {
    web: Arc<dyn Fetch>,
    limits: Limits,
}

impl OfClients {
    pub(super) fn new(web: Arc<dyn Fetch>, limits: Limits) -> Self {
        Self { web, limits }
    }
}

impl Fetch for OfClients {
    fn fetch(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Response<Vec<u8>>, FetchError>> {
        Box::pin(async move {
            let host = request.uri().host().unwrap_or_default();
            let admitted = self.limits.admit_host(Limit::Host, host).await;
            admitted.map_err(|_| FetchError::network("its host is asked too often"))?;
            self.web.fetch(request, limit).await
        })
    }
}

impl fmt::Debug for OfClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OfClients").field(&self.web).finish()
    }
}
