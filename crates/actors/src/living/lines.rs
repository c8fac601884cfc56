//! What people say in chats.

/// First words of a customer.
pub(super) const QUESTIONS: &[&str] = &[
    "Hello! My last order has not arrived yet.",
    "Hi, do you have the blue rope in 20 metres?",
    "I was charged twice for the same thing.",
    "Could you tell me when the shop opens on Saturday?",
    "The anchor I bought is the wrong size, can I send it back?",
    "Can I change the address of an order?",
    "My discount code is not accepted.",
    "I'd like a quote for thirty life jackets.",
];

/// Further words of a customer.
pub(super) const ANSWERS: &[&str] = &[
    "Yes, that's the one.",
    "The number is on the parcel, one moment.",
    "It was last Tuesday.",
    "No, only this one.",
    "That would be great.",
    "And how long does that take?",
    "I see. What would you suggest?",
    "Right, the same address as before.",
];

/// Last words of a customer.
pub(super) const THANKS: &[&str] =
    &["Thank you, that's all!", "Perfect, thanks for your help.", "Great, bye!", "Thanks a lot."];

/// First words of an agent.
pub(super) const GREETINGS: &[&str] = &[
    "Hello, how can I help?",
    "Good day! What can I do for you?",
    "Hi there, I'm having a look at it right now.",
    "Welcome to Harbour Supply. How can I help?",
];

/// Further words of an agent.
pub(super) const REPLIES: &[&str] = &[
    "Let me check that for you.",
    "Could you tell me the order number, please?",
    "I have found it.",
    "That is in stock, it leaves our warehouse tomorrow.",
    "I have corrected it; you get the difference back within three days.",
    "One moment, please.",
    "I'm sorry about that. I'll take care of it.",
    "Is there anything else?",
];

/// Last words of an agent.
pub(super) const GOODBYES: &[&str] =
    &["You're welcome. Have a good day!", "Glad I could help. Good-bye!", "Thank you for writing to us."];
