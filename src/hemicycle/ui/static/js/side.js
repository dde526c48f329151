// Scrolls the menu of the office (sideways on a phone) so that the current page's link is visible.

const place = document.querySelector(".office__side [aria-current]");
for (const box of document.querySelectorAll(".office__side, .side")) {
  if (!place) break;
  const [own, frame] = [place.getBoundingClientRect(), box.getBoundingClientRect()];
  box.scrollBy(
    own.left + own.width / 2 - frame.left - frame.width / 2,
    own.top + own.height / 2 - frame.top - frame.height / 2,
  );
}
