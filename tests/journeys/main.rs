//! What the product exists for, with real phones and real browsers. `SWITCHBOARD_TOPOLOGY=apart` runs the same files
//! against every service as a process of its own.

mod call_behind_nat;
mod call_controls;
mod call_in_browser;
mod call_on_desk;
mod call_reaches_agent;
mod callback;
mod chat_reaches_agent;
mod colleagues;
mod configuration_takes_effect;
mod living_demo;
mod self_service;
mod spoken_menu;
mod supervisor_moves;
mod voicemail;
