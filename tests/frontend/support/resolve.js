// Resolves "/static/js/clock.js", and what a script of one `static` folder imports from another.

import { existsSync, readFileSync } from "node:fs";

const top = new URL("../../../", import.meta.url);
/** The folders that TypeScript sees as one. @type {string[]} */
const folders = JSON.parse(readFileSync(new URL("tsconfig.json", top), "utf8")).compilerOptions.rootDirs;

export async function resolve(specifier, context, next) {
  const served = /^.*\/static\/(.*)$/.exec(new URL(specifier, servedAt(context.parentURL)).pathname)?.[1];
  if (served && /^[./]/.test(specifier)) {
    const found = folders.map((folder) => new URL(`${folder}/${served}`, top)).find(existsSync);
    if (found) return { url: found.href, shortCircuit: true };
  }
  return next(specifier, context);
}

/** Return the address of a script as on a page. @param {string | undefined} file */
function servedAt(file) {
  return file?.replace(/^.*\/static\//, "file:///static/") ?? top;
}
