// The screen of a hall only shows.

import { follow } from "../state/screen.js";

follow((snapshot) => ({ ...snapshot, held: snapshot.holder && snapshot.meeting.phase === "suspended" }));
