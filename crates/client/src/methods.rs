//! The protocol's methods as methods.

use std::future::IntoFuture;
use std::sync::Arc;

use purlin_core::protocol::{
    CallToolResult, CompleteParams, CompleteResult, Completion, GetPromptResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, LogLevel, Prompt, RawJson,
    ReadResourceResult, Resource, ResourceTemplate, Root, Tool, method,
};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::cache::Cache;
use crate::call::{Call, Request};
use crate::changes::{Changes, Keep, Queue, Subscription};
use crate::client::{Client, Inner};
use crate::envelope::{self, Params};
use crate::error::ClientError;
use crate::inbox::Observers;
use crate::items::{Items, Page};
use crate::link::Outgoing;
use crate::{BoxFuture, Result};

impl Client {
    /// Calls a tool and decodes what it answers: its structured content, or its text.
    ///
    /// `arguments` is anything that serialises to an object; `()` for none. A tool that reports a
    /// failure is an error of kind [`Tool`](crate::ErrorKind::Tool); use [`Call::raw`] to get the
    /// whole result either way.
    pub fn call<T: DeserializeOwned>(&self, tool: &str, arguments: impl Serialize) -> Call<T> {
        Call::new(self.call_tool(tool, arguments))
    }

    /// Calls a tool and gives everything it answers.
    pub fn call_tool(&self, tool: &str, arguments: impl Serialize) -> Request<CallToolResult> {
        let request = Request::new(self, method::TOOLS_CALL)
            .about(tool)
            .param("name", tool);
        with_arguments(request, arguments)
    }

    /// Gets a prompt. Its arguments are strings by name; `()` for none.
    pub fn get_prompt(&self, prompt: &str, arguments: impl Serialize) -> Request<GetPromptResult> {
        let request = Request::new(self, method::PROMPTS_GET)
            .about(prompt)
            .param("name", prompt);
        with_arguments(request, arguments)
    }

    /// Reads a resource.
    pub fn read_resource(&self, uri: &str) -> Request<ReadResourceResult> {
        Request::new(self, method::RESOURCES_READ)
            .about(uri)
            .param("uri", uri)
    }

    /// Completes an argument of a prompt or of a resource template.
    ///
    /// # Errors
    /// As any request.
    pub async fn complete(&self, params: CompleteParams) -> Result<Completion> {
        let params = serde_json::to_value(params)
            .map_err(|error| ClientError::decode("the question", error))?;
        let answer: CompleteResult = Request::new(self, method::COMPLETION_COMPLETE)
            .params(params.into())
            .await?;
        Ok(answer.completion)
    }

    /// Any request, for methods this client does not know. The result is given as it came.
    pub fn request(&self, method: impl Into<String>, params: impl Into<Value>) -> Request<RawJson> {
        let params: Value = params.into();
        let about = ["name", "uri"]
            .iter()
            .find_map(|key| params.get(key)?.as_str());
        let about = about.map(str::to_owned);
        let request = Request::new(self, method.into()).params(params.into());
        match about {
            Some(about) => request.about(about),
            None => request,
        }
    }

    /// Any notification.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn notify(&self, method: &str, params: impl Into<Value>) -> Result<()> {
        self.0.notify(method, &params.into().into()).await
    }

    /// The tools, page by page.
    ///
    /// Over HTTP, tools that cannot be called rightly are left out; see
    /// [`left_out`](Self::left_out).
    pub fn tools(&self) -> Items<Tool> {
        let client = self.clone();
        Items::new(move |cursor| {
            let page = client.page::<ListToolsResult>(method::TOOLS_LIST, cursor);
            let inner = Arc::clone(&client.0);
            Box::pin(async move {
                let page = page.await?;
                Ok((inner.usable(page.tools), page.next_cursor))
            })
        })
    }

    /// The resources, page by page.
    pub fn resources(&self) -> Items<Resource> {
        self.items(method::RESOURCES_LIST, |page: ListResourcesResult| {
            (page.resources, page.next_cursor)
        })
    }

    /// The resource templates, page by page.
    pub fn resource_templates(&self) -> Items<ResourceTemplate> {
        self.items(
            method::RESOURCES_TEMPLATES_LIST,
            |page: ListResourceTemplatesResult| (page.resource_templates, page.next_cursor),
        )
    }

    /// The prompts, page by page.
    pub fn prompts(&self) -> Items<Prompt> {
        self.items(method::PROMPTS_LIST, |page: ListPromptsResult| {
            (page.prompts, page.next_cursor)
        })
    }

    /// Every tool, all pages; see [`tools`](Self::tools).
    ///
    /// # Errors
    /// As any request.
    pub async fn list_tools(&self) -> Result<Vec<Tool>> {
        self.tools().all().await
    }

    /// Every resource, all pages.
    ///
    /// # Errors
    /// As any request.
    pub async fn list_resources(&self) -> Result<Vec<Resource>> {
        self.resources().all().await
    }

    /// Every resource template, all pages.
    ///
    /// # Errors
    /// As any request.
    pub async fn list_resource_templates(&self) -> Result<Vec<ResourceTemplate>> {
        self.resource_templates().all().await
    }

    /// Every prompt, all pages.
    ///
    /// # Errors
    /// As any request.
    pub async fn list_prompts(&self) -> Result<Vec<Prompt>> {
        self.prompts().all().await
    }

    /// The tools that lists left out, by name, and why. Over HTTP in the stateless era, a tool
    /// whose schema declares invalid headers cannot be called rightly (SEP-2243).
    pub fn left_out(&self) -> Vec<(String, String)> {
        self.0.mirrors.left_out()
    }

    /// What is kept of servers; see [`ClientBuilder::cache`](crate::ClientBuilder::cache).
    pub fn cache(&self) -> &Cache {
        self.0.kept.cache()
    }

    pub(crate) fn items<P: DeserializeOwned + Send + 'static, T: 'static>(
        &self,
        method: &'static str,
        split: fn(P) -> Page<T>,
    ) -> Items<T> {
        let client = self.clone();
        Items::new(move |cursor| {
            let page = client.page::<P>(method, cursor);
            Box::pin(async move { page.await.map(split) })
        })
    }

    fn page<P: DeserializeOwned + Send + 'static>(
        &self,
        method: &'static str,
        cursor: Option<String>,
    ) -> BoxFuture<'static, Result<P>> {
        let request = Request::<P>::new(self, method);
        match cursor {
            Some(cursor) => request.param("cursor", &cursor).into_future(),
            None => request.into_future(),
        }
    }

    /// Asks whether the server is there. Only the session era has this.
    ///
    /// # Errors
    /// `Unsupported` in the stateless era; otherwise as any request.
    pub async fn ping(&self) -> Result<()> {
        self.session_only(method::PING)?;
        let _: IgnoredAny = Request::new(self, method::PING).await?;
        Ok(())
    }

    /// Asks for log messages of this severity and above: for the session, or in the stateless era
    /// with every request from now on.
    ///
    /// # Errors
    /// As any request.
    pub async fn set_level(&self, level: LogLevel) -> Result<()> {
        if !self.0.is_stateless() {
            let request = Request::new(self, method::LOGGING_SET_LEVEL).param("level", &level);
            let _: IgnoredAny = request.await?;
        }
        self.0.set_log_level(level);
        Ok(())
    }

    /// Replaces the roots, and tells the server in the session era.
    ///
    /// # Errors
    /// `Unsupported` for a client that was built without [`roots`](crate::ClientBuilder::roots).
    pub async fn set_roots(&self, roots: impl IntoIterator<Item = Root>) -> Result<()> {
        if !self.0.inbox.answers.set_roots(roots.into_iter().collect()) {
            return Err(ClientError::unsupported("this client declared no roots"));
        }
        if self.0.is_stateless() {
            return Ok(());
        }
        self.0
            .notify(method::NOTIFICATIONS_ROOTS_LIST_CHANGED, &Params::default())
            .await
    }

    pub(crate) fn session_only(&self, method: &str) -> Result<()> {
        if self.0.is_stateless() {
            let revision = self.revision();
            return Err(ClientError::unsupported(format!(
                "revision {revision} has no `{method}`"
            )));
        }
        Ok(())
    }

    /// Is told of changes, in either era. Returns when the server has agreed.
    ///
    /// # Errors
    /// As any request.
    pub async fn listen(&self, wanted: Subscription) -> Result<Changes> {
        if self.0.is_stateless() {
            return self.listen_stateless(wanted).await;
        }
        let queue = Queue::new(wanted.0.clone());
        let watch = self.0.inbox.listen(self.0.next_id(), &queue);
        let uris = wanted.0.resource_subscriptions.clone();
        // Two streams may want the same resource; the session knows it only once.
        uris.iter().for_each(|uri| self.0.held.want(uri));
        let keep = Keep::Session {
            client: self.clone(),
            uris,
            _watch: watch,
        };
        for uri in &wanted.0.resource_subscriptions {
            self.subscribe_once(uri).await?;
        }
        Ok(Changes::new(queue, wanted.0, keep))
    }

    async fn listen_stateless(&self, wanted: Subscription) -> Result<Changes> {
        let queue = Queue::new(wanted.0.clone());
        let request = tokio::spawn(keep_listening(
            Arc::clone(&self.0),
            wanted,
            Arc::clone(&queue),
        ));
        let keep = Keep::Listening(request.abort_handle());
        let acknowledged = queue.acknowledged();
        let limit = self.0.options.connect_timeout;
        let served = self.0.link.within(limit, acknowledged).await??;
        Ok(Changes::new(queue, served, keep))
    }
}

/// The request that stays open while a subscription stands.
async fn keep_listening(inner: Arc<Inner>, wanted: Subscription, queue: Arc<Queue>) {
    let ended = listen_once(&inner, wanted, &queue).await;
    queue.finish(ended.err());
}

async fn listen_once(inner: &Inner, wanted: Subscription, queue: &Arc<Queue>) -> Result<RawJson> {
    let id = inner.next_id();
    let mut params = Params::default();
    let filter = RawJson::encode(&wanted.0)
        .map_err(|error| ClientError::decode("what to subscribe to", error))?;
    params.set("notifications", filter);
    inner.stamp(&mut params, &Observers::default());
    let _watch = inner.inbox.subscribe(id, queue);
    let body = envelope::request(id, method::SUBSCRIPTIONS_LISTEN, &params);
    let revision = inner.revision();
    let request = Outgoing {
        cancellable: true,
        ..Outgoing::plain(id, method::SUBSCRIPTIONS_LISTEN, body, Some(revision))
    };
    Ok(inner.link.exchange(request).await??)
}

impl Inner {
    /// The tools that can be called over this connection; remembers what they want as headers.
    fn usable(&self, tools: Vec<Tool>) -> Vec<Tool> {
        self.outputs.learn(&tools);
        if self.mirrors() {
            return self.mirrors.learn(tools);
        }
        tools
    }
}

/// Adds the arguments, if there are any.
fn with_arguments<R>(request: Request<R>, arguments: impl Serialize) -> Request<R> {
    match RawJson::encode(&arguments) {
        Ok(none) if none.is_null() => request,
        encoded => request.encoded("arguments", encoded),
    }
}
