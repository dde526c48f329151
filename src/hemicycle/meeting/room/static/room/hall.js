// The screen of a hall only shows.

import { follow } from "../state/screen.js";
import { isHeld } from "../state/snapshot.js";

follow((view) => ({ ...view, held: isHeld(view) }));
