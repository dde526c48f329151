// The screen of a hall only shows.

import { follow } from "../state/screen.js";

follow((sight) => ({ ...sight, held: sight.holder && sight.meeting.phase === "suspended" }));
