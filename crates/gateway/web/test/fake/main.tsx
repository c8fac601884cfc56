// The app against the fake centre.
import { createRoot } from "react-dom/client";
import { createApi } from "../../src/api/clients";
import { App } from "../../src/app";
import { FakeCentre } from "./centre";

const centre = new FakeCentre();
Object.assign(window, { centre });
const root = document.getElementById("root");
if (root) createRoot(root).render(<App api={createApi(centre.transport)} />);
