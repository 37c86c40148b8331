// The report form: what is typed goes to the server a moment later; it answers with sums, sentences and suggestions, and keeps a draft.
// Nothing is computed here, so the page can never say anything else than the check page. Without JavaScript the buttons "Update" do it.
(function () {
  "use strict";
  var form = document.getElementById("report-form");
  if (!form || !form.dataset.live) return;
  var WAIT_MS = 350;
  var timer = 0;
  var asked = 0;
  var touchedSince = {};

  function byName(name) { return form.querySelector('[name="' + name + '"]'); }

  // Fields of another method are hidden; a hidden account must not stay chosen.
  function chooseVisibleAccount(fieldset) {
    var radios = Array.prototype.slice.call(fieldset.querySelectorAll('input[type="radio"]'));
    var chosen = radios.filter(function (radio) { return radio.checked; })[0];
    if (chosen && !chosen.closest("[hidden]")) return;
    if (chosen) chosen.checked = false;
    var visible = radios.filter(function (radio) { return !radio.closest("[hidden]"); });
    if (visible.length) visible[0].checked = true;
  }

  function body() {
    var data = new FormData(form);
    // Files travel on their own, or with the form itself.
    Array.from(data.keys()).forEach(function (name) {
      if (data.get(name) instanceof File) data.delete(name);
    });
    return data;
  }

  function ask() {
    var number = ++asked;
    touchedSince = {};
    fetch(form.dataset.live, { method: "POST", body: body(), headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error" })
      .then(function (response) { return response.ok ? response.json() : null; })
      .then(function (answer) { if (answer && number === asked) apply(answer); })
      .catch(function () { /* offline: the page stays as it is, the form sends itself all the same */ });
  }

  function soon() {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT_MS);
  }

  function apply(answer) {
    Object.keys(answer.values).forEach(function (name) {
      var field = byName(name);
      if (!field || field.value === answer.values[name] || touchedSince[name] || (field === document.activeElement && field.type !== "hidden")) return;
      field.value = answer.values[name];
    });
    Object.keys(answer.parts).forEach(function (id) {
      var part = document.getElementById(id);
      if (part && part.innerHTML !== answer.parts[id]) part.innerHTML = answer.parts[id];
    });
    var wish = document.getElementById("id_wants_paper");
    if (wish) {
      wish.disabled = !answer.may_wish;
      if (!answer.may_wish) wish.checked = false;
    }
    var orders = document.getElementById("id_orders");
    if (orders) orders.dataset.kind = answer.kind;
    if (answer.saved && window.history.replaceState && window.location.href.indexOf("draft=") < 0) {
      window.history.replaceState(null, "", form.dataset.draftUrl);
    }
  }

  form.addEventListener("input", function (event) {
    touchedSince[event.target.name] = true;
    if (event.target.type !== "file") soon();
  });
  form.addEventListener("change", function (event) {
    var name = event.target.name || "";
    touchedSince[name] = true;
    if (/^t-\d+-method$/.test(name)) {
      // After base.js has shown the parts of this method.
      window.setTimeout(function () {
        chooseVisibleAccount(document.getElementById("id_" + name.replace("-method", "-account")));
        soon();
      }, 0);
    }
    if (event.target.type !== "file") soon();
  });

  form.addEventListener("click", function (event) {
    if (event.target.closest("[data-unfold]")) {
      form.querySelectorAll(".is-folded").forEach(function (row) { row.classList.remove("is-folded"); });
      event.target.closest(".card-foot").hidden = true;
    }
    if (event.target.closest("[data-open-amounts]")) {
      document.getElementById("id_orders").classList.add("is-open");
      var first = form.querySelector('.alloc-in input[name^="allocation-"]');
      if (first) first.focus();
    }
  });

  // A page taken back from the browser's memory may show what was true before.
  window.addEventListener("pageshow", function (event) { if (event.persisted) ask(); });
  form.querySelectorAll("fieldset[id$=-account]").forEach(chooseVisibleAccount);
})();
