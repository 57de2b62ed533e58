//! Lists, fetched page by page as they are read.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::error::ClientError;
use crate::{BoxFuture, Result};

/// More pages than any list has: a server whose cursor never ends is going round in circles.
const MOST_PAGES: usize = 10_000;

/// One page: its items, and where the next one begins.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

type Fetch<T> = Box<dyn Fn(Option<String>) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync>;

/// The items of a list, in order. A page is asked for when the one before it is used up; an error
/// ends the list.
///
/// ```no_run
/// # async fn example(client: purlin_client::Client) -> Result<(), purlin_client::ClientError> {
/// let mut tools = client.tools();
/// while let Some(tool) = tools.next().await {
///     println!("{}", tool?.name);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a list is fetched as it is read"]
pub struct Items<T> {
    fetch: Fetch<T>,
    ready: VecDeque<T>,
    state: State<T>,
    /// Where the page that was fetched last began.
    begun: Option<String>,
    pages: usize,
}

enum State<T> {
    /// The next page begins here.
    Before(Option<String>),
    Fetching(BoxFuture<'static, Result<Page<T>>>),
    Ended,
}

impl<T> Items<T> {
    pub(crate) fn new(
        fetch: impl Fn(Option<String>) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            fetch: Box::new(fetch),
            ready: VecDeque::new(),
            state: State::Before(None),
            begun: None,
            pages: 0,
        }
    }

    /// The next item; `None` at the end of the list. Cancel-safe.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|task| self.poll(task)).await
    }

    /// All items.
    ///
    /// # Errors
    /// As the request for any of the pages.
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }

    fn poll(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Before(place) => {
                    self.begun.clone_from(place);
                    self.state = State::Fetching((self.fetch)(place.take()));
                }
                State::Fetching(page) => {
                    let page = ready!(page.as_mut().poll(task));
                    self.state = State::Ended;
                    match page.and_then(|(items, next)| Ok((items, self.after(next)?))) {
                        Ok((items, state)) => {
                            self.ready = items.into();
                            self.state = state;
                        }
                        Err(failure) => return Poll::Ready(Some(Err(failure))),
                    }
                }
            }
        }
    }

    /// Any string is a cursor, the empty one too; only absence ends the list.
    fn after(&mut self, next: Option<String>) -> Result<State<T>> {
        self.pages += 1;
        if next.is_some() && (next == self.begun || self.pages >= MOST_PAGES) {
            return Err(ClientError::protocol("the pages of a list never end"));
        }
        Ok(match next {
            Some(next) => State::Before(Some(next)),
            None => State::Ended,
        })
    }
}

// Nothing in it is pinned but what is boxed.
impl<T> Unpin for Items<T> {}

impl<T> Stream for Items<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(task)
    }
}

impl<T> fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .finish_non_exhaustive()
    }
}
