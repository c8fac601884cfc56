//! What `up` prints when the centre is ready: where to click, as whom, and what to dial.

use std::{path::Path, time::Duration};

use crate::local::Server;

/// The text, for people who see this for the first time.
pub(super) fn text(server: &Server, data: &Path, demo: bool, took: Duration) -> String {
    let Server { http_url, sip_port, .. } = server;
    let seconds = took.as_secs_f64();
    let flag = if data == Path::new("data") { String::new() } else { format!(" --data {}", data.display()) };
    if !demo {
        return format!(
            "
Ready in {seconds:.1} s.

  Describe your centre   switchboard{flag} apply -f centre.yaml   (deploy/demo/centre.yaml is an example)
  Desktop                {http_url}/
  Phones and callers     SIP over UDP and TCP on port {sip_port}
  State                  switchboard{flag} status

Ctrl-C stops it.
"
        );
    }
    format!(
        "
Ready in {seconds:.1} s.

  Desktop        {http_url}/      sign in as ann, bob or cy (agents), sue (supervisor), amy (administrator); password demo
  Web chat       {http_url}/demo  a small shop with the chat in its corner
  Telephone      dial sip:+15550100@127.0.0.1:{sip_port} with any softphone, then 1 sales, 2 billing, 0 an agent;
                 dial sip:+15550112@127.0.0.1:{sip_port} to leave a message or be called back;
                 an agent's softphone registers at 127.0.0.1:{sip_port} as ann, password demo
  Command line   switchboard{flag} agents · queues · interactions list · explain ID

Ctrl-C stops it.
"
    )
}
