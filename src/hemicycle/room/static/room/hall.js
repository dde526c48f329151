// The screen of a hall only shows.

import { follow } from "../webcast/screen.js";

follow((sight) => ({ ...sight, held: sight.holder && sight.meeting.phase === "suspended" }));
