// Loaded before the tests (`node --import`): scripts find each other as in a browser, where all
// folders called `static` are served as one.

import { register } from "node:module";

register("./resolve.js", import.meta.url);
