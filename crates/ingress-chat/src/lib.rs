//! Web and in-app chat: the visitor's protocol, the widget and the conversation store.
