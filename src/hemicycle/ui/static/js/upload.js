// Sends a form with a large file by script, so that the page shows how much is sent, the time left and
// a button that cancels. The browser itself sends a form with small files, and any form if scripts are
// off. The form stays as it is until the server has accepted the file.

import { language, t } from "./messages.js";
import { secondsLeft } from "./transfer-pace.js";

const LARGE = 1_000_000;
const MEGABYTE = 1_000_000;

/** @param {number} bytes */
function megabytes(bytes) {
  const shown = { style: "unit", unit: "megabyte", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, /** @type {Intl.NumberFormatOptions} */ (shown)).format(
    bytes / MEGABYTE,
  );
}

/** @param {number} seconds */
function inWords(seconds) {
  const unit = seconds < 60 ? "second" : "minute";
  const number = Math.max(1, Math.round(unit === "minute" ? seconds / 60 : seconds));
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(number);
}

/** @param {HTMLFormElement} form */
function bytesOf(form) {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (
    form.querySelectorAll("input[type=file]")
  );
  return [...fields].flatMap((field) => [...(field.files ?? [])]).reduce((n, file) => n + file.size, 0);
}

/** What an upload shows below its form. */
class Shown {
  /** @param {HTMLFormElement} form @param {() => void} cancel */
  constructor(form, cancel) {
    this.box = document.createElement("div");
    this.box.className = "stack";
    this.box.innerHTML = `<div class="progress"><span class="progress__text"><span></span>
      <span class="num"></span></span><progress max="1" value="0"></progress></div>
      <p role="status"></p><p><button type="button" class="btn btn--danger"></button></p>`;
    const [label, figures] = this.box.querySelectorAll(".progress__text span");
    label.textContent = t("upload.sent");
    this.figures = figures;
    this.bar = /** @type {HTMLProgressElement} */ (this.box.querySelector("progress"));
    this.bar.setAttribute("aria-label", t("upload.sent"));
    this.said = /** @type {HTMLElement} */ (this.box.querySelector("[role=status]"));
    this.button = /** @type {HTMLButtonElement} */ (this.box.querySelector("button"));
    this.button.textContent = t("upload.cancel");
    this.button.addEventListener("click", cancel);
    form.after(this.box);
    this.box.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} sent @param {number} total @param {number | undefined} left */
  progress(sent, total, left) {
    this.bar.value = sent / total;
    this.figures.textContent = t("upload.figures", {
      sent: megabytes(sent),
      total: megabytes(total),
    });
    const done = sent >= total;
    const time = left === undefined ? "" : t("upload.left", { time: inWords(left) });
    this.said.textContent = done ? t("upload.stored") : time;
  }

  /** @param {string[]} sentences */
  end(sentences) {
    this.box.replaceChildren();
    for (const sentence of sentences) {
      const said = document.createElement("p");
      said.className = "field__error";
      said.setAttribute("role", "alert");
      said.textContent = sentence;
      this.box.append(said);
    }
  }
}

/** The sentences in a page with which the server refuses a form. @param {string} page */
function refusals(page) {
  const answer = new DOMParser().parseFromString(page, "text/html");
  for (const unseen of answer.querySelectorAll(".visually-hidden")) unseen.remove();
  const of = [...answer.querySelectorAll("main .field__error")];
  const said = of.length ? of : [...answer.querySelectorAll("main [role=alert]")];
  const texts = said.map((one) => (one.textContent ?? "").replace(/\s+/g, " ").trim());
  return [...new Set(texts.filter(Boolean))];
}

/** @param {HTMLFormElement} form @param {HTMLElement | null} button */
function send(form, button) {
  const request = new XMLHttpRequest();
  const shown = new Shown(form, () => request.abort());
  const samples = [{ at: performance.now(), sent: 0 }];
  const data = new FormData(form, /** @type {HTMLButtonElement | null} */ (button));
  form.dataset.uploading = "";
  form.setAttribute("aria-busy", "true");

  /** @param {string[]} sentences */
  const end = (sentences) => {
    delete form.dataset.uploading;
    form.removeAttribute("aria-busy");
    shown.end(sentences);
  };
  request.upload.addEventListener("progress", (event) => {
    samples.push({ at: performance.now(), sent: event.loaded });
    shown.progress(event.loaded, event.total, secondsLeft(samples, event.total));
  });
  request.addEventListener("load", () => {
    const next = request.getResponseHeader("X-Go-To");
    if (next) {
      window.addEventListener("pageshow", () => end([]), { once: true }); // for a reader who comes back
      location.assign(next);
      return;
    }
    const said = refusals(request.responseText);
    end(said.length ? said : [t("upload.failed")]);
  });
  request.addEventListener("error", () => end([t("upload.failed")]));
  request.addEventListener("abort", () => end([t("upload.cancelled")]));
  request.open("POST", form.action);
  request.setRequestHeader("X-Upload", "script");
  request.send(data);
}

for (const form of document.forms) {
  if (form.enctype !== "multipart/form-data") continue;
  let box = /** @type {Element | null} */ (null);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented || bytesOf(form) < LARGE) return;
    event.preventDefault();
    if ("uploading" in form.dataset) return;
    box?.remove();
    send(form, /** @type {HTMLElement | null} */ (event.submitter));
    box = form.nextElementSibling;
  });
}
