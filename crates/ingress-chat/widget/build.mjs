// Builds the one file a page loads: dist/widget.js.
import { build } from "esbuild";

await build({
  entryPoints: ["src/main.ts"],
  outfile: "dist/widget.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2021"],
  loader: { ".css": "text" },
  legalComments: "none",
});
