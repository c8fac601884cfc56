// Fails when the widget weighs more than a page should have to carry.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 40 * 1024;
const size = gzipSync(readFileSync(new URL("../dist/widget.js", import.meta.url)), { level: 9 }).length;
console.log(`widget.js: ${size} bytes gzipped, limit ${limit}`);
if (size > limit) process.exit(1);
