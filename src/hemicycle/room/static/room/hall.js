// The screen of a hall only shows.

import { follow } from "../webcast/screen.js";

follow();
