// Starts the widget for the script tag that loaded it. Nothing is connected until the visitor opens the window,
// unless a conversation is still open from before.

import { Client } from "./client";
import { read } from "./options";

const script = document.currentScript;

function start(): void {
  if (!(script instanceof HTMLScriptElement)) return;
  const options = read(script);
  if (!options.entryPoint) {
    console.error('the chat needs an entry point: <script src="…/widget.js" data-entry-point="web-chat" async>');
    return;
  }
  const client = new Client(options);
  (window as unknown as { switchboardChat: unknown }).switchboardChat = {
    open: () => client.show(),
    close: () => client.hide(),
  };
}

if (document.body) start();
else addEventListener("DOMContentLoaded", start);
