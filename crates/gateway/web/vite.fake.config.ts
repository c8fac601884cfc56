// Serves the app against the fake centre of test/fake: for work on looks without a running centre. Never built.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: "test/fake",
  publicDir: "../../public",
  plugins: [react()],
  server: { port: 5199, strictPort: true, fs: { allow: ["../.."] } },
});
