-- The agent waits for the customer with the slot free: a word of the customer's calls them back.
ALTER TABLE ingress_chat.conversation ADD COLUMN parked boolean NOT NULL DEFAULT false;
