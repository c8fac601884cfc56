import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { centreTransport, createApi } from "./api/clients";
import { App } from "./app";

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <App api={createApi(centreTransport)} />
    </StrictMode>,
  );
