// Lists of orders: while boxes are ticked, the bar says how many and how much. Without JavaScript the boxes travel all the same.
(function () {
  "use strict";
  var bar = document.querySelector("[data-selection]");
  if (!bar) return;
  var symbols = JSON.parse(bar.dataset.symbols);
  var none = bar.querySelector("[data-selection-none]");
  var some = bar.querySelector("[data-selection-some]");
  var worth = bar.querySelector("[data-selection-worth]");
  var clear = bar.querySelector("[data-selection-clear]");

  var all = document.querySelector("[data-selection-all]");

  function boxes() {
    return Array.prototype.slice.call(document.querySelectorAll('input[name="' + bar.dataset.selection + '"]'));
  }

  // `minor` (BigInt, smallest units) as "Bs 1.234,50".
  function write(minor, currency) {
    var units = symbols[currency][1];
    var digits = minor.toString().padStart(units + 1, "0");
    var whole = digits.slice(0, digits.length - units).replace(/\B(?=(\d{3})+$)/g, bar.dataset.marks[0]);
    return symbols[currency][0] + "\u00a0" + whole + (units ? bar.dataset.marks[1] + digits.slice(-units) : "");
  }

  // Half up, as the server rounds.
  function convert(minor, rate, from, to) {
    var parts = rate.split(".");
    var scale = (parts[1] || "").length + symbols[from][1];
    var product = minor * BigInt(parts[0] + (parts[1] || "")) * BigInt(10) ** BigInt(symbols[to][1]);
    var divisor = BigInt(10) ** BigInt(scale);
    return (product + divisor / BigInt(2)) / divisor;
  }

  function show() {
    var ticked = boxes().filter(function (box) { return box.checked; });
    none.hidden = ticked.length > 0;
    if (all) all.textContent = ticked.length ? all.dataset.clear : all.dataset.select;
    some.hidden = clear.hidden = ticked.length === 0;
    worth.hidden = true;
    if (!ticked.length) return;
    var sums = {};
    ticked.forEach(function (box) {
      sums[box.dataset.currency] = (sums[box.dataset.currency] || BigInt(0)) + BigInt(box.dataset.minor);
    });
    var count = ticked.length === 1 ? bar.dataset.one : bar.dataset.many.replace("{n}", ticked.length);
    var written = Object.keys(sums).map(function (currency) { return write(sums[currency], currency); });
    some.textContent = count + ", " + written.join(" + ");
    if (bar.dataset.rate && written.length === 1 && sums[bar.dataset.base] !== undefined) {
      worth.textContent = "(" + write(convert(sums[bar.dataset.base], bar.dataset.rate, bar.dataset.base, bar.dataset.quote), bar.dataset.quote) + ")";
      worth.hidden = false;
    }
  }

  clear.addEventListener("click", function () {
    boxes().forEach(function (box) {
      if (!box.checked) return;
      box.checked = false;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    });
    var first = boxes()[0];
    if (first) first.focus();
  });
  // On a phone there is no head of the table with a box for all: a button that says what it will do.
  if (all) {
    all.dataset.select = all.textContent;
    all.addEventListener("click", function () {
      var ticks = !boxes().some(function (box) { return box.checked; });
      boxes().forEach(function (box) {
        if (box.checked === ticks) return;
        box.checked = ticks;
        box.dispatchEvent(new Event("change", { bubbles: true }));
      });
    });
  }
  document.addEventListener("change", function (event) {
    if (event.target.name === bar.dataset.selection) show();
  });
  window.addEventListener("pageshow", show);
  show();
})();
