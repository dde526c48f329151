// Chinese for devices without a Chinese font: the page loads one in slices, and only there.
//
//   <template id="han"><link rel="stylesheet" href="…/han.css"></template>
//
// A page in Chinese uses characters from some forty slices, a megabyte; nearly every device has them
// all. CSS cannot ask whether it has: a family of the system goes by other names on each, and a list
// of fonts comes to its last name before the browser looks for a font that was not named.

const HAN = /\p{Script=Han}/u;
const template = /** @type {HTMLTemplateElement | null} */ (document.getElementById("han"));
let isAdded = false;

/** Whether the page shows Chinese beyond the names in the menu of languages. */
function hasHan() {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (HAN.test(node.nodeValue ?? "") && !node.parentElement?.closest(".languages, script, template")) return true;
  }
  return false;
}

/** Whether the device draws two characters that look different: a missing one is always the same box. */
function canDraw() {
  const [one, other] = ["一", "龍"].map((character) => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return character;
    context.font = "24px sans-serif";
    context.fillText(character, 2, 26);
    return context.getImageData(0, 0, 32, 32).data.join();
  });
  return one !== other;
}

function look() {
  if (isAdded || !template || !hasHan() || canDraw()) return;
  isAdded = true;
  document.head.append(template.content.cloneNode(true));
}

look();
document.addEventListener("htmx:after:swap", look);
