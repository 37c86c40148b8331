// Small helps on every page. Without JavaScript nothing is missing: what needs it carries .needs-js and stays hidden.
(function () {
  "use strict";

  function announce(text) {
    var region = document.getElementById("announce");
    if (!region) return;
    region.textContent = "";
    setTimeout(function () { region.textContent = text; }, 50);
  }
  window.concilia = { announce: announce };

  function copyText(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("copy refused"));
  }

  // <button data-copy="0134…">: copies, says so aloud, and shows a tick for a moment.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    copyText(button.dataset.copy).then(function () {
      announce(document.body.dataset.copied + ": " + button.dataset.copy);
      var use = button.querySelector("use");
      if (!use || button.dataset.busy) return;
      var before = use.getAttribute("href");
      button.dataset.busy = "1";
      use.setAttribute("href", before.replace(/#.*$/, "#check-lg"));
      setTimeout(function () { use.setAttribute("href", before); delete button.dataset.busy; }, 1600);
    }, function () {});
  });

  // Menus (<details class="menu">) close by Escape and by a click elsewhere.
  function closeMenus(but) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) { if (menu !== but) menu.open = false; });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelector("details.menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  // <input type="checkbox" data-check-all="orders">: ticks all named so, and shows "some" by a dash.
  function showAll(all) {
    var boxes = document.querySelectorAll('input[name="' + all.dataset.checkAll + '"]:not(:disabled)');
    var ticked = Array.prototype.filter.call(boxes, function (box) { return box.checked; }).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  // <span data-chosen="orders" data-one="1 chosen" data-many="{n} chosen">: how many of that name are ticked.
  function countChosen(said) {
    var count = document.querySelectorAll('input[name="' + said.dataset.chosen + '"]:checked').length;
    said.textContent = count === 1 ? said.dataset.one : said.dataset.many.replace("{n}", count);
  }
  document.addEventListener("change", function (event) {
    var all = event.target.closest("[data-check-all]");
    if (all) {
      var wanted = all.checked; // each box announces its change below, and that redraws this one
      document.querySelectorAll('input[name="' + all.dataset.checkAll + '"]:not(:disabled)').forEach(function (box) {
        if (box.checked === wanted) return;
        box.checked = wanted;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      });
    }
    document.querySelectorAll("[data-check-all]").forEach(showAll);
    document.querySelectorAll("[data-chosen]").forEach(countChosen);
    var sent = event.target.closest("[data-submit-on-change]");
    if (sent && sent.form) sent.form.requestSubmit();
  });
  document.querySelectorAll("[data-check-all]").forEach(showAll);

  // <div data-shown-when="id_method=pago_movil,zelle">: parts of a form that only some answers need. The server clears them too.
  function showParts() {
    document.querySelectorAll("[data-shown-when]").forEach(function (part) {
      var rule = part.dataset.shownWhen.split("=");
      var field = document.querySelector('[name="' + rule[0] + '"]:checked') || document.querySelector('select[name="' + rule[0] + '"], input[name="' + rule[0] + '"]:not([type="radio"]):not([type="checkbox"])');
      var shown = Boolean(field) && (rule.length < 2 || rule[1].split(",").indexOf(field.value) >= 0);
      part.hidden = !shown;
    });
  }
  document.addEventListener("change", showParts);
  document.addEventListener("htmx:afterSwap", showParts);
  showParts();

  // <button data-set="id_paid_on" data-value="2026-11-23">: fills a field ("Today", "Yesterday").
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-set]");
    var field = button && document.getElementById(button.dataset.set);
    if (!field) return;
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("change", function () {
    document.querySelectorAll("[data-set]").forEach(function (button) {
      var field = document.getElementById(button.dataset.set);
      button.setAttribute("aria-pressed", String(Boolean(field) && field.value === button.dataset.value));
    });
  });

  // A form sends once; the server would answer a second time with the same ticket anyway.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.hasAttribute("data-once")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.querySelectorAll("button[type=submit], button:not([type])").forEach(function (button) { button.setAttribute("aria-disabled", "true"); });
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-once]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach(function (button) { button.removeAttribute("aria-disabled"); });
    });
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });

  var summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();
