// A Chinese font for devices that have none; it is loaded in slices.
//
//   <template id="han"><link rel="stylesheet" href="…/han.css"></template>
//
// A page in Chinese uses characters from some forty slices, a megabyte; nearly every device has a font
// with all of them. CSS cannot test for it: the fonts have different names on different systems, and a
// browser tries every family in a `font-family` list before it looks for a font that is not in the list.

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

/** Whether the device draws two characters differently: missing ones are all drawn as the same box. */
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
