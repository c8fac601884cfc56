//! Flows for every channel and their pure interpreter.
