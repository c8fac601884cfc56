import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` forwards calls to a running centre.
const centre = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: { outDir: "dist", emptyOutDir: true, sourcemap: false, target: "es2022", chunkSizeWarningLimit: 900, modulePreload: { polyfill: false } },
  server: { proxy: { "^/switchboard\\.": centre, "/chat": centre, "/demo": centre } },
  test: { environment: "jsdom", include: ["src/**/*.test.ts", "src/**/*.test.tsx", "test/**/*.test.tsx"], setupFiles: ["test/setup.ts"] },
});
