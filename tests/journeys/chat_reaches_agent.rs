//! A visitor of the shop reaches, through the chat's buttons and the queue, the agent who knows billing.
