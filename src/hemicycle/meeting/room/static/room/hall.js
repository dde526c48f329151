// The screen of a hall: it shows the meeting and takes no input.

import { follow } from "../state/screen.js";
import { isHeld } from "../state/snapshot.js";

follow((view) => ({ ...view, held: isHeld(view) }));
