// Staff register a report: accounts of another method are hidden by base.js, and a hidden one must not stay chosen.
(function () {
  "use strict";
  function chooseVisible(fieldset) {
    var radios = Array.prototype.slice.call(fieldset.querySelectorAll('input[type="radio"]'));
    var chosen = radios.filter(function (radio) { return radio.checked; })[0];
    if (chosen && !chosen.closest("[hidden]")) return;
    if (chosen) chosen.checked = false;
    var visible = radios.filter(function (radio) { return !radio.closest("[hidden]"); });
    if (visible.length) visible[0].checked = true;
  }
  function all() { document.querySelectorAll("[data-accounts]").forEach(chooseVisible); }
  // After base.js has shown the parts of the method that was just chosen.
  document.addEventListener("change", function () { window.setTimeout(all, 0); });
  all();
})();
