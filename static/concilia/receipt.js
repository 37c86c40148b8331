/* Receipts: a plain file input becomes camera, drop, paste, preview, rotate, remove, and uploads as soon as a file is chosen.

The page includes files/_receipt_field.html, which is the contract; in short:

  <div data-receipts data-upload-url="…" data-key-name="t-0-file" data-max-files="5" data-max-bytes="10485760" data-say-…="…">
    <div data-receipts-item data-key="UUID">… <input type="hidden" name="t-0-file" value="UUID"></div>      already uploaded
    <div data-receipts-drop><input type="file" name="t-0-receipt" multiple> …buttons… <p data-receipts-problem></p></div>
    <template data-receipts-template>…</template>
    <p aria-live="polite" data-receipts-live></p>
  </div>

Upload: POST multipart to data-upload-url with csrfmiddlewaretoken, `file`, and `replaces` (key) after a rotation.
  200 {"key": "UUID", "name": "…", "thumb_url": "…"}; 4xx {"error": "a sentence"}. Removing posts `remove` (key) and no file.

Nothing is lost when something fails: until the server has said yes, the file stays in the file input and goes with the form.
A part added later (another transfer) is taken up by the event "concilia:added" on it, or by htmx. */
(function () {
  "use strict";

  const SIDE = 2000;
  const QUALITY = 0.85;
  const DRAWN = ["image/jpeg", "image/png", "image/webp"];
  const TAKEN = /\.(jpe?g|png|webp|hei[cf]|pdf)$/i;
  const TAKEN_TYPES = /^(image\/(jpeg|png|webp|hei[cf])|application\/pdf)$/;

  let last = null;

  function fill(text, values) {
    return (text || "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  function kilobytes(bytes) { return Math.max(1, Math.round(bytes / 1000)); }

  function start(box) {
    if (box.dataset.receiptsReady) return;
    box.dataset.receiptsReady = "1";
    const find = (name, within) => (within || box).querySelector("[data-receipts-" + name + "]");
    const input = box.querySelector('input[type="file"]');
    const drop = find("drop");
    const form = input.form;
    const say = (name, values) => fill(box.dataset["say" + name], values || {});
    const items = new Map();
    const queue = [];
    let busy = false;

    function announce(text) { find("live").textContent = text; }

    function complain(text) {
      const place = find("problem");
      place.textContent = text;
      place.hidden = !text;
    }

    // The input carries what the server does not have yet, so that the form alone can bring it.
    function keepInForm() {
      try {
        const held = new DataTransfer();
        items.forEach((item) => { if (!item.key && !item.refused) held.items.add(item.file); });
        input.files = held.files;
        return true;
      } catch (error) {
        return false;
      }
    }

    function count() { return box.querySelectorAll("[data-receipts-item]").length; }

    function problemOf(file) {
      if (!TAKEN_TYPES.test(file.type) && !TAKEN.test(file.name)) return "Type";
      if (file.size === 0) return "Empty";
      // Photos get smaller on the way; what is not redrawn must fit as it is.
      if (file.size > Number(box.dataset.maxBytes) && !DRAWN.includes(file.type)) return "Large";
      return "";
    }

    function take(files) {
      complain("");
      Array.from(files).forEach((file) => {
        const problem = problemOf(file);
        if (problem) { complain(say(problem, { name: file.name })); return; }
        if (count() >= Number(box.dataset.maxFiles)) { complain(say("Many")); return; }
        add(file);
      });
      keepInForm();
    }

    function add(file) {
      const node = find("template").content.firstElementChild.cloneNode(true);
      const item = { node: node, file: file, original: file, turns: 0, key: "", refused: false, address: "" };
      items.set(node, item);
      find("name", node).textContent = file.name;
      find("remove", node).setAttribute("aria-label", find("remove", node).textContent + ": " + file.name);
      find("turn", node).setAttribute("aria-label", find("turn", node).textContent + ": " + file.name);
      find("remove", node).addEventListener("click", () => remove(item));
      find("turn", node).addEventListener("click", () => turn(item));
      find("again", node).addEventListener("click", () => { find("again", node).hidden = true; line(item); });
      box.insertBefore(node, drop);
      line(item);
    }

    function line(item) {
      if (!queue.includes(item)) queue.push(item);
      next();
    }

    function next() {
      if (busy || !queue.length) return;
      busy = true;
      const item = queue.shift();
      prepare(item).then(() => send(item)).then(() => { busy = false; next(); });
    }

    // Redraw at most 2000 pixels long: smaller on a slow network, and without the place where it was taken.
    function prepare(item) {
      find("text", item.node).textContent = say("Preparing");
      if (!DRAWN.includes(item.original.type) || !window.createImageBitmap) return Promise.resolve();
      return createImageBitmap(item.original, { imageOrientation: "from-image" }).then((bitmap) => {
        const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
        const width = Math.max(1, Math.round(bitmap.width * scale));
        const height = Math.max(1, Math.round(bitmap.height * scale));
        const odd = item.turns % 2 === 1;
        const canvas = document.createElement("canvas");
        canvas.width = odd ? height : width;
        canvas.height = odd ? width : height;
        const brush = canvas.getContext("2d");
        brush.fillStyle = "#fff";
        brush.fillRect(0, 0, canvas.width, canvas.height);
        brush.translate(canvas.width / 2, canvas.height / 2);
        brush.rotate(item.turns * Math.PI / 2);
        brush.drawImage(bitmap, -width / 2, -height / 2, width, height);
        bitmap.close();
        return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
      }).then((blob) => {
        if (!blob) return;
        item.file = new File([blob], item.original.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
        if (item.address) URL.revokeObjectURL(item.address);
        item.address = URL.createObjectURL(blob);
        const image = find("image", item.node);
        image.src = item.address;
        image.hidden = false;
        find("icon", item.node).hidden = true;
        find("turn", item.node).hidden = false;
        keepInForm();
      }, () => { /* a picture that this browser cannot read (HEIC): the server can */ });
    }

    function send(item) {
      if (!items.has(item.node)) return Promise.resolve();
      if (item.file.size > Number(box.dataset.maxBytes)) {
        refuse(item, say("Large", { name: item.file.name }));
        return Promise.resolve();
      }
      const body = new FormData();
      body.append("csrfmiddlewaretoken", token());
      if (item.key) body.append("replaces", item.key);
      body.append("file", item.file, item.file.name);
      const total = kilobytes(item.file.size);
      const bar = find("bar", item.node);
      const text = find("text", item.node);
      let told = 0;
      bar.hidden = false;
      return new Promise((done) => {
        const request = new XMLHttpRequest();
        item.request = request;
        request.open("POST", box.dataset.uploadUrl);
        request.setRequestHeader("Accept", "application/json");
        request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
        request.timeout = 180000;
        request.upload.addEventListener("progress", (event) => {
          if (!event.lengthComputable) return;
          const percent = Math.min(100, Math.round(100 * event.loaded / event.total));
          bar.value = percent;
          text.textContent = say("Progress", { done: Math.round(total * percent / 100), total: total, percent: percent });
          // Aloud only now and then: a reader that hears every percent hears nothing else.
          if (percent >= told + 25) { told = percent; announce(item.file.name + ": " + text.textContent); }
        });
        request.addEventListener("loadend", () => {
          item.request = null;
          if (items.has(item.node)) finish(item, request, total);
          done();
        });
        request.send(body);
      });
    }

    function finish(item, request, total) {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch (error) { answer = null; }
      if (request.status === 200 && answer && answer.key) { accepted(item, answer, total); return; }
      if (request.status >= 400 && request.status < 500 && answer && answer.error) { refuse(item, answer.error); return; }
      const kept = keepInForm();
      find("bar", item.node).hidden = true;
      find("again", item.node).hidden = false;
      find("text", item.node).textContent = say(kept ? "Kept" : "Lost");
      announce(item.file.name + ": " + find("text", item.node).textContent);
    }

    function accepted(item, answer, total) {
      item.key = answer.key;
      let hidden = item.node.querySelector('input[type="hidden"]');
      if (!hidden) {
        hidden = document.createElement("input");
        hidden.type = "hidden";
        hidden.name = box.dataset.keyName;
        item.node.appendChild(hidden);
      }
      hidden.value = answer.key;
      item.node.dataset.key = answer.key;
      find("bar", item.node).hidden = true;
      find("text", item.node).textContent = say("Done", { total: total });
      announce(say("Uploaded", { name: item.file.name }));
      if (!keepInForm()) input.value = "";
      box.dispatchEvent(new CustomEvent("concilia:uploaded", { bubbles: true, detail: answer }));
    }

    function refuse(item, sentence) {
      item.refused = true;
      discard(item);
      complain(sentence);
    }

    function discard(item) {
      if (item.request) { const request = item.request; item.request = null; items.delete(item.node); request.abort(); }
      items.delete(item.node);
      item.node.remove();
      if (item.address) URL.revokeObjectURL(item.address);
      keepInForm();
    }

    function remove(item) {
      const key = item.key;
      const name = item.file.name;
      discard(item);
      if (key) tellRemoved(key);
      announce(say("Removed", { name: name }));
      (box.querySelector("[data-receipts-choose]:not([hidden] *)") || input).focus();
    }

    function tellRemoved(key) {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", token());
      body.append("remove", key);
      // Only a courtesy: what the form does not name is not sent.
      fetch(box.dataset.uploadUrl, { method: "POST", body: body, headers: { Accept: "application/json" } }).catch(() => {});
    }

    function turn(item) {
      item.turns = (item.turns + 1) % 4;
      line(item);
    }

    function token() {
      const field = (form || document).querySelector('[name="csrfmiddlewaretoken"]');
      return field ? field.value : "";
    }

    function arrange() {
      const phone = window.matchMedia && window.matchMedia("(pointer: coarse)").matches;
      const shown = find(phone ? "phone" : "desktop");
      shown.hidden = false;
      const first = shown.querySelector("button");
      // The button takes the input's place for the label and for links from the list of errors.
      first.id = input.id;
      input.removeAttribute("id");
      ["aria-describedby", "aria-invalid"].forEach((name) => {
        if (input.hasAttribute(name)) first.setAttribute(name, input.getAttribute(name));
      });
      input.hidden = true;
      box.querySelectorAll("[data-receipts-choose]").forEach((button) => button.addEventListener("click", () => input.click()));
      find("camera").addEventListener("click", () => {
        const camera = document.createElement("input");
        camera.type = "file";
        camera.accept = "image/*";
        camera.setAttribute("capture", "environment");
        camera.addEventListener("change", () => take(camera.files));
        camera.click();
      });
    }

    arrange();
    input.addEventListener("change", () => take(Array.from(input.files)));
    box.addEventListener("pointerdown", () => { last = box; });
    box.addEventListener("focusin", () => { last = box; });
    ["dragenter", "dragover"].forEach((name) => box.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("is-over");
    }));
    ["dragleave", "drop"].forEach((name) => box.addEventListener(name, () => drop.classList.remove("is-over")));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      take(event.dataTransfer.files);
    });
    box.querySelectorAll("[data-receipts-item]").forEach((node) => {
      const button = find("remove", node);
      if (button) button.addEventListener("click", () => {
        const name = node.dataset.name;
        tellRemoved(node.dataset.key);
        node.remove();
        announce(say("Removed", { name: name }));
      });
    });
    box.receiptsTake = take;
  }

  // Pasting goes to the receipts that were touched last, else to the first of the page.
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData ? event.clipboardData.files : [];
    const box = last && last.isConnected ? last : document.querySelector("[data-receipts]");
    if (!files.length || !box || !box.receiptsTake) return;
    event.preventDefault();
    box.receiptsTake(files);
  });

  function startAll(within) {
    if (within.matches && within.matches("[data-receipts]")) start(within);
    within.querySelectorAll("[data-receipts]").forEach(start);
  }
  document.addEventListener("concilia:added", (event) => startAll(event.target));
  document.addEventListener("htmx:load", (event) => startAll(event.target));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => startAll(document));
  else startAll(document);
})();
