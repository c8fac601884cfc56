//! Telephone calls: SIP signalling, call control and media.
