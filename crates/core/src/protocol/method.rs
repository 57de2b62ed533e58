//! Every method and notification name of every revision, each spelled once.

macro_rules! names {
    ($($(#[doc = $doc:literal])* $name:ident = $value:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: &str = $value;)*
    };
}

names! {
    /// Opens a session (until 2025-11-25).
    INITIALIZE = "initialize";
    /// Asks whether the peer is there (until 2025-11-25, both directions).
    PING = "ping";
    /// Asks what the server is and can do (since 2026-07-28).
    SERVER_DISCOVER = "server/discover";
    /// Lists tools.
    TOOLS_LIST = "tools/list";
    /// Calls a tool.
    TOOLS_CALL = "tools/call";
    /// Lists resources.
    RESOURCES_LIST = "resources/list";
    /// Lists resource templates.
    RESOURCES_TEMPLATES_LIST = "resources/templates/list";
    /// Reads a resource.
    RESOURCES_READ = "resources/read";
    /// Subscribes to changes of a resource (until 2025-11-25).
    RESOURCES_SUBSCRIBE = "resources/subscribe";
    /// Ends a subscription (until 2025-11-25).
    RESOURCES_UNSUBSCRIBE = "resources/unsubscribe";
    /// Lists prompts.
    PROMPTS_LIST = "prompts/list";
    /// Gets a prompt.
    PROMPTS_GET = "prompts/get";
    /// Completes an argument of a prompt or a resource template.
    COMPLETION_COMPLETE = "completion/complete";
    /// Sets the least severe level to log for the session (until 2025-11-25).
    LOGGING_SET_LEVEL = "logging/setLevel";
    /// Opens a stream of change notifications (since 2026-07-28).
    SUBSCRIPTIONS_LISTEN = "subscriptions/listen";
    /// Asks the client for its roots.
    ROOTS_LIST = "roots/list";
    /// Asks the client for a message from its model.
    SAMPLING_CREATE_MESSAGE = "sampling/createMessage";
    /// Asks the client's user for input (since 2025-06-18).
    ELICITATION_CREATE = "elicitation/create";
    /// Reads a task (2025-11-25, and the tasks extension).
    TASKS_GET = "tasks/get";
    /// Waits for the result of a task (2025-11-25).
    TASKS_RESULT = "tasks/result";
    /// Lists tasks (2025-11-25).
    TASKS_LIST = "tasks/list";
    /// Cancels a task (2025-11-25, and the tasks extension).
    TASKS_CANCEL = "tasks/cancel";
    /// Answers a task's questions (tasks extension).
    TASKS_UPDATE = "tasks/update";

    /// The session is open (until 2025-11-25).
    NOTIFICATIONS_INITIALIZED = "notifications/initialized";
    /// A request is no longer wanted.
    NOTIFICATIONS_CANCELLED = "notifications/cancelled";
    /// A request has advanced.
    NOTIFICATIONS_PROGRESS = "notifications/progress";
    /// A log message.
    NOTIFICATIONS_MESSAGE = "notifications/message";
    /// A resource has changed.
    NOTIFICATIONS_RESOURCES_UPDATED = "notifications/resources/updated";
    /// The list of resources has changed.
    NOTIFICATIONS_RESOURCES_LIST_CHANGED = "notifications/resources/list_changed";
    /// The list of tools has changed.
    NOTIFICATIONS_TOOLS_LIST_CHANGED = "notifications/tools/list_changed";
    /// The list of prompts has changed.
    NOTIFICATIONS_PROMPTS_LIST_CHANGED = "notifications/prompts/list_changed";
    /// The client's roots have changed (until 2025-11-25).
    NOTIFICATIONS_ROOTS_LIST_CHANGED = "notifications/roots/list_changed";
    /// An elicitation by URL has been completed (2025-11-25).
    NOTIFICATIONS_ELICITATION_COMPLETE = "notifications/elicitation/complete";
    /// A subscription is established (since 2026-07-28).
    NOTIFICATIONS_SUBSCRIPTIONS_ACKNOWLEDGED = "notifications/subscriptions/acknowledged";
    /// A task has changed (2025-11-25).
    NOTIFICATIONS_TASKS_STATUS = "notifications/tasks/status";
    /// A task has changed (tasks extension).
    NOTIFICATIONS_TASKS = "notifications/tasks";
}
